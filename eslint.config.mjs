import jest from "eslint-plugin-jest";
import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

/** What each folder may import from, next to itself. One table: the layers of docs/architecture.md. */
const base = ["constructs/core", "model"];
const level1 = [...base, "constructs/jobspec", "constructs/machine"];
const level2 = ["constructs/nomad", "constructs/storage", "constructs/tailnet", "constructs/platform"];
const mayImport = {
  "constructs/core": [],
  model: ["constructs/core"],
  "constructs/jobspec": base,
  "constructs/machine": base,
  "constructs/tailnet": [...level1, "constructs/storage", "gen"],
  "constructs/platform": [...level1, "constructs/storage", "constructs/tailnet"],
  "constructs/storage": [...level1, "constructs/nomad"],
  "constructs/nomad": ["constructs/jobspec", "constructs/storage", "constructs/tailnet", ...base],
  "constructs/ai": [...level1, ...level2],
  "constructs/services": [...level1, ...level2],
  stacks: [...level1, ...level2, "constructs/ai", "constructs/services"],
  fleets: [
    "model",
    "constructs/ai",
    "constructs/services",
    "constructs/nomad",
    "constructs/jobspec",
    "constructs/storage",
  ],
  review: [...level1, "constructs/tailnet", "constructs/ai", "constructs/services"],
  ops: [...level1, "constructs/tailnet", "constructs/ai", "constructs/services", "review", "scripts"],
  lab: [...level1, ...level2, "constructs/ai", "constructs/services", "review", "ops", "scripts"],
  cli: [...level1, ...level2, "constructs/ai", "constructs/services", "review", "ops", "lab", "scripts"],
};
const folders = [...Object.keys(mayImport), "scripts", "gen"];

/** Folders without effects: data in, data out. */
const pure = ["constructs/core", "constructs/jobspec", "constructs/machine", "model", "review"];
const noCdktf = ["constructs/jobspec", "constructs/machine", "model", "review"];

/** Patterns for imports from folders that a folder may not import from. */
const forbiddenTo = (folder) =>
  folders
    .filter((other) => other !== folder && !mayImport[folder].includes(other))
    .map((other) => other.replace("constructs/", ""))
    .flatMap((name) => [`**/${name}`, `**/${name}/**`]);

const deepImports = [
  {
    regex: "^@cdktf/provider-(?!generator$)[a-z]+$",
    message: "import a provider's class by its deep path: an index import costs seconds",
  },
  { regex: "^cdktf/lib/.*private", message: "public API of cdktf only" },
];

const layerRules = Object.keys(mayImport).map((folder) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          ...deepImports,
          { group: forbiddenTo(folder), message: `${folder} may not import this layer (docs/architecture.md)` },
          ...(noCdktf.includes(folder)
            ? [{ regex: "^(cdktf|constructs|@cdktf/.*)(/.*)?$", message: `${folder} is pure: no cdktf` }]
            : []),
          ...(pure.includes(folder)
            ? [
                {
                  group: ["node:fs", "node:child_process", "node:net", "node:os", "fs", "child_process"],
                  message: `${folder} is pure: no effects`,
                },
              ]
            : []),
        ],
      },
    ],
    ...(pure.includes(folder)
      ? { "no-restricted-globals": ["error", "process", "Date", "console", "fetch", "setTimeout"] }
      : {}),
  },
}));

export default tseslint.config(
  { ignores: ["node_modules", "cdktf.out*", "dist", "gen", "state", "coverage"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { jsdoc },
    rules: {
      "no-console": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/prefer-nullish-coalescing": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "no-restricted-imports": ["error", { patterns: deepImports }],
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "TSInterfaceDeclaration[id.name=/(Props|Options|Attributes)$/] TSPropertySignature:not([readonly=true])",
          message: "props are readonly",
        },
      ],
    },
  },
  ...layerRules,
  {
    files: ["constructs/core/fast.ts"],
    rules: { "no-restricted-globals": "off", "no-restricted-imports": "off" },
  },
  {
    files: ["model/**/*.ts", "constructs/**/*.ts"],
    rules: {
      "jsdoc/require-jsdoc": [
        "error",
        { publicOnly: true, require: { FunctionDeclaration: false, ClassDeclaration: true } },
      ],
      "jsdoc/no-restricted-syntax": [
        "error",
        {
          contexts: [
            {
              context: "TSInterfaceDeclaration[id.name=/(Props|Options)$/] TSPropertySignature[optional=true]",
              comment: "JsdocBlock:not(:has(JsdocTag[tag=default]))",
              message: "an optional prop documents its @default",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["__tests__/**/*.ts"],
    plugins: { jest },
    rules: {
      ...jest.configs["flat/recommended"].rules,
      "jest/no-focused-tests": "error",
      "jest/no-disabled-tests": "error",
      "jest/expect-expect": ["error", { assertFunctionNames: ["expect*", "assert*"] }],
      "jest/no-conditional-expect": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
  { files: ["cli/**/*.ts", "lab/**/*.ts", "bench/**"], rules: { "no-console": "off" } },
);
