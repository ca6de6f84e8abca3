import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const project = join(__dirname, "..", "..");
const page = readFileSync(join(project, "docs", "jobs.md"), "utf8");
const mistakes = [...page.matchAll(/```ts mistake\n([\s\S]*?)```\n\n```text message\n([\s\S]*?)```/g)].map(
  ([, code = "", message = ""]) => ({ code, message: message.trimEnd() }),
);

/** What the compiler says about files that exist only here, as if they lay in docs/. */
function diagnose(sources: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const { config } = ts.readConfigFile(join(project, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: [] }, project);
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    getSourceFile: (name, languageVersion, ...rest) => {
      const source = sources.get(name);
      return source === undefined
        ? disk.getSourceFile(name, languageVersion, ...rest)
        : ts.createSourceFile(name, source, languageVersion);
    },
    fileExists: (name) => sources.has(name) || disk.fileExists(name),
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return new Map(
    [...sources.keys()].map((name) => [
      name,
      program
        .getSemanticDiagnostics(program.getSourceFile(name))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))
        .join("\n"),
    ]),
  );
}

describe("mistakes in docs/jobs.md", () => {
  const names = mistakes.map((_mistake, index) => join(project, "docs", `mistake-${index}.ts`));
  let said: ReadonlyMap<string, string>;
  beforeAll(() => {
    said = diagnose(new Map(mistakes.map(({ code }, index) => [names[index] ?? "", code])));
  });

  test("are at least three", () => expect(mistakes.length).toBeGreaterThanOrEqual(3));

  test.each(
    mistakes.map(({ code, message }, index) => [/export const (\w+)/.exec(code)?.[1], message, index] as const),
  )("%s is answered as the page says", (_name, message, index) => {
    expect(said.get(names[index] ?? "")).toBe(message);
  });
});
