import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import ts from "typescript";
import { programOf } from "../../cli/main";
import { processOutput } from "../../cli/print";
import packageJson from "../../package.json";

const root = join(__dirname, "..", "..");
const pages = [
  "README.md",
  join("examples", "README.md"),
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** What every snippet may use without saying where it comes from. A snippet that declares one of these means its own. */
const PRELUDE = `
declare const scope: import("constructs").Construct;
declare const fleet: import("../model/types").Fleet;
`;

/** The `ts` blocks of a page: a snippet is a file in `fleets/`, where a reader would put it. */
function snippetsOf(page: string): { readonly file: string; readonly line: number; readonly code: string }[] {
  return [...textOf(page).matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = "", index }) => {
    const line = textOf(page).slice(0, index).split("\n").length + 1;
    return { file: join(root, "fleets", `${page.replaceAll("/", "-")}-${line}.ts`), line, code: `${code}export {};\n` };
  });
}

function typeErrors(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const host = ts.createCompilerHost(options);
  const disk = { ...host };
  host.fileExists = (path) => files.has(path) || disk.fileExists(path);
  host.readFile = (path) => files.get(path) ?? disk.readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(path);
    return text === undefined ? disk.getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start }) =>
        `${path.slice(join(root, "fleets").length + 1)}:${source?.getLineAndCharacterOfPosition(start ?? 0).line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
}

const prelude: [string, string] = [join(root, "fleets", "prelude.d.ts"), PRELUDE];

test("every snippet of the documentation compiles", () => {
  const snippets = pages.flatMap(snippetsOf);
  expect(snippets.length).toBeGreaterThan(0);
  expect(typeErrors(new Map([prelude, ...snippets.map(({ file, code }): [string, string] => [file, code])]))).toEqual(
    [],
  );
}, 60_000);

test("a snippet that names a site that is not there would be found", () => {
  const [snippet] = snippetsOf("README.md");
  const stale = (snippet?.code ?? "").replace('site: "frankfurt"', 'site: "berlin"');
  expect(typeErrors(new Map([prelude, [join(root, "fleets", "stale.ts"), stale]]))).toEqual([
    expect.stringContaining('"berlin"'),
  ]);
}, 60_000);

/** The words after each `./steppe` of a text, up to the first that is no plain word. */
function commandsIn(text: string): string[][] {
  return [...text.matchAll(/\.\/steppe((?: +[A-Za-z][\w-]*)+)/g)].map(({ 1: words = "" }) => words.trim().split(/ +/));
}

/** The command that words name, and what is left of them for its arguments. */
function resolved(words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  const cli = { output: processOutput, env: {}, project: root, exitWith: () => undefined };
  let command = programOf(cli, words);
  for (const [index, word] of words.entries()) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) return { command, rest: words.slice(index) };
    command = next;
  }
  return { command, rest: [] };
}

const readmeCommands = [...new Set(commandsIn(textOf("README.md")).map((words) => words.join(" ")))];

test.each(readmeCommands)("./steppe %s is a command", (text) => {
  const { command, rest } = resolved(text.split(" "));
  expect({ command: command.name(), unknown: command.registeredArguments.length > 0 ? [] : rest }).toEqual({
    command: expect.not.stringMatching(/^steppe$/),
    unknown: [],
  });
});

test("a command that is not there would be found", () => {
  expect(resolved(["trust", "revoke"])).toMatchObject({ rest: ["revoke"] });
  expect(resolved(["trust", "revoke"]).command.registeredArguments).toEqual([]);
});

test.each(pages)("every npm script that %s names is there", (page) => {
  const named = [...textOf(page).matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(
    ([, script, test]) => script ?? test,
  );
  expect(named.filter((name) => !Object.hasOwn(packageJson.scripts, name ?? ""))).toEqual([]);
});

test.each(pages)("every link of %s to a file leads to one", (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const files = links.filter((target) => !/^([a-z]+:|#)/.test(target)).map((target) => target.replace(/#.*$/, ""));
  expect(files.filter((file) => !existsSync(join(root, dirname(page), file)))).toEqual([]);
});
