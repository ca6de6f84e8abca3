const { availableParallelism } = require("node:os");

/** Packages that are ES modules alone: they are transformed as well. */
const esModules = ["micromark[^/]*", "decode-named-character-reference", "character-entities", "devlop"];

/** Unit tests run anywhere; lab tests need root and the lab; lab-full holds the slow ones. */
const shared = {
  testEnvironment: "node",
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join("|")})/)`],
  transform: {
    "/node_modules/.+\\.js$": ["@swc/jest", { jsc: { target: "es2022" }, module: { type: "commonjs" } }],
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  setupFiles: ["<rootDir>/constructs/core/fast.ts"],
};

module.exports = {
  // Tests are not timed: those that run real programs take long on a busy machine. This ends what hangs.
  testTimeout: 60_000,
  // Two more than there are cores: many tests wait for Terraform and other tools. Jest's own choice is one fewer.
  maxWorkers: Math.min(availableParallelism() + 2, 8),
  reporters: ["default", "<rootDir>/__tests__/helpers/skip-reporter.cjs"],
  projects: [
    {
      ...shared,
      displayName: "unit",
      roots: ["<rootDir>/__tests__"],
      testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
      testPathIgnorePatterns: ["/lab-live/", "/lab-full/"],
    },
    { ...shared, displayName: "lab", roots: ["<rootDir>/__tests__"], testMatch: ["**/lab-live/**/*.test.ts"] },
    { ...shared, displayName: "lab-full", roots: ["<rootDir>/__tests__"], testMatch: ["**/lab-full/**/*.test.ts"] },
  ],
};
