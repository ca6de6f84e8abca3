import jest from "eslint-plugin-jest";
import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

/** Which folders a folder may not import from. One table: the layers of docs/architecture.md. */
const layers = {
  "constructs/core": ["model", "constructs/*", "stacks", "review", "ops", "cli", "lab", "fleets", "scripts"],
  model: ["constructs/!(core)", "stacks", "review", "ops", "cli", "lab", "fleets", "scripts"],
  "constructs/jobspec": [
    "constructs/machine",
    "constructs/nomad",
    "constructs/storage",
    "constructs/tailnet",
    "constructs/platform",
    "constructs/ai",
    "constructs/services",
    "stacks",
    "review",
    "ops",
    "cli",
    "lab",
    "fleets",
    "scripts",
  ],
  "constructs/machine": [
    "constructs/jobspec",
    "constructs/nomad",
    "constructs/storage",
    "constructs/tailnet",
    "constructs/platform",
    "constructs/ai",
    "constructs/services",
    "stacks",
    "review",
    "ops",
    "cli",
    "lab",
    "fleets",
    "scripts",
  ],
  "constructs/tailnet": [
    "constructs/platform",
    "constructs/nomad",
    "constructs/ai",
    "constructs/services",
    "stacks",
    "review",
    "ops",
    "cli",
    "lab",
    "fleets",
    "scripts",
  ],
  "constructs/platform": [
    "constructs/ai",
    "constructs/services",
    "constructs/nomad",
    "stacks",
    "review",
    "ops",
    "cli",
    "lab",
    "fleets",
    "scripts",
  ],
  "constructs/nomad": [
    "constructs/ai",
    "constructs/services",
    "constructs/platform",
    "constructs/machine",
    "stacks",
    "review",
    "ops",
    "cli",
    "lab",
    "fleets",
    "scripts",
  ],
  stacks: ["review", "ops", "cli", "lab", "fleets", "scripts"],
  fleets: [
    "constructs/core",
    "constructs/machine",
    "constructs/tailnet",
    "constructs/platform",
    "stacks",
    "review",
    "ops",
    "cli",
    "lab",
    "scripts",
  ],
  review: [
    "stacks",
    "ops",
    "cli",
    "lab",
    "fleets",
    "scripts",
    "constructs/nomad",
    "constructs/platform",
    "constructs/storage",
  ],
  ops: ["cli", "lab", "stacks", "fleets", "constructs/nomad", "constructs/platform", "constructs/storage"],
  lab: ["cli", "stacks", "fleets"],
  cli: ["stacks", "fleets"],
};

/** Folders without effects: data in, data out. */
const pure = ["constructs/core", "constructs/jobspec", "constructs/machine", "model", "review"];
const noCdktf = ["constructs/jobspec", "constructs/machine", "model", "review"];

const groupsOf = (folders) =>
  folders.flatMap((folder) => {
    const name =
      folder === "constructs/*"
        ? "@(jobspec|machine|nomad|storage|tailnet|platform|ai|services)"
        : folder
            .replace("constructs/!(core)", "@(jobspec|machine|nomad|storage|tailnet|platform|ai|services)")
            .replace("constructs/", "");
    return [`**/${name}`, `**/${name}/**`];
  });

const deepImports = [
  {
    regex: "^@cdktf/provider-[a-z]+$",
    message: "import a provider's class by its deep path: an index import costs seconds",
  },
  { regex: "^cdktf/lib/.*private", message: "public API of cdktf only" },
];

const layerRules = Object.entries(layers).map(([folder, forbidden]) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          ...deepImports,
          { group: groupsOf(forbidden), message: `${folder} may not import this layer (docs/architecture.md)` },
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
