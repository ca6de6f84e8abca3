import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { Problem } from "../../constructs/core/problems";
import { messageOf, UserError } from "../../ops/errors";
import { generatedValue, type ItemOutcome, type NewValue, putVariable } from "../../ops/variables/put";
import { emptyValueProblems, itemNameProblems, variablePathProblems } from "../../ops/variables/rules";
import { placeText, readVariable, type VariablePlace } from "../../ops/variables/store";
import type { SelectedFleet } from "../../ops/fleet";
import { canAsk, hiddenInput } from "../hidden-input";
import { regionAccess } from "../region-access";
import {
  type Cli,
  type FleetOptions,
  fleetOf,
  optionsOf,
  standardInput,
  withExamples,
  withFleet,
  withJson,
} from "../shared";

interface VariableOptions extends FleetOptions {
  readonly region?: string;
  readonly namespace: string;
  readonly generate: readonly string[];
  readonly file: readonly string[];
  readonly fromStdin?: boolean;
  readonly missing?: boolean;
  readonly rotate?: boolean;
}

const collect = (one: string, others: readonly string[]): readonly string[] => [...others, one];

/** `steppe secret put variable`: items of a Nomad variable, straight to the region's servers. */
export function variableCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("variable")))
    .description(
      "write items of a Nomad variable, straight to a region by Nomad's API; a job reads what is below nomad/jobs/<job> by a template. The variable's other items stay",
    )
    .argument("<path>", "path of the variable: nomad/jobs/<job>")
    .argument("[item...]", "items that are asked for without showing them; of one item the value may be piped in")
    .option("--region <region>", "Nomad region (default: the only one)")
    .option("--namespace <namespace>", "Nomad namespace", "default")
    .option("--generate <item>", "an item with a random value of 256 bits; may be repeated", collect, [])
    .option("--file <item=file>", "an item with the text of a file, less a last newline; may be repeated", collect, [])
    .option("--from-stdin", "items and values from standard input, as a JSON object of texts")
    .option("--missing", "leave items alone that are there")
    .option("--rotate", "replace items that are there with another value")
    .action(async (path: string, items: string[], _options, self: Command) => {
      const options = optionsOf(self) as VariableOptions;
      assertForm(path, items, options);
      const chosen = fleetOf(cli, options);
      const place = { region: regionOf(chosen, options), namespace: options.namespace, path };
      const access = await regionAccess(cli, chosen, place.region);
      // Before anybody is asked: to fail early, and not to ask for what is there.
      const seen = await readVariable(access, place);
      const isAsked = (item: string) => options.missing !== true || seen?.items[item] === undefined;
      const values = await valuesOf(path, items.filter(isAsked), options);
      const mode = { isMissingOnly: options.missing === true, isRotation: options.rotate === true };
      const outcomes = await putVariable(access, place, values, mode, seen);
      const kept = items.filter((item) => !isAsked(item)).map((item) => ({ item, action: "keep" }) as const);
      tell(cli, place, [...outcomes, ...kept], options);
    });
  return withExamples(
    command,
    "secret put variable nomad/jobs/redis --generate password --missing      # once; again it changes nothing",
    "secret put variable nomad/jobs/backup-shop username password            # asks for both",
    "secret put variable nomad/jobs/llm hf_token --region eu < token.txt",
    "secret put variable nomad/jobs/web --file tls_key=web.key --file tls_cert=web.pem --rotate",
  );
}

/** What is wrong with the arguments alone. */
function assertForm(path: string, items: readonly string[], options: VariableOptions): void {
  const { generate, file, fromStdin, missing, rotate } = options;
  const named = [...items, ...generate, ...file.map((text) => text.split("=")[0] ?? "")];
  const problems: Problem[] = [
    ...variablePathProblems(path),
    ...itemNameProblems(named),
    ...file.flatMap((text) =>
      /^[^=]+=./.test(text) ? [] : [{ path: "--file", rule: "must be <item>=<file>", got: text }],
    ),
  ];
  if (named.length === 0 && fromStdin !== true)
    problems.push({
      path: "items",
      rule: "must name at least one",
      fix: "name items, or give --generate, --file or --from-stdin",
    });
  if (fromStdin === true && items.length > 0)
    problems.push({
      path: "--from-stdin",
      rule: "brings the names with the values",
      got: items.join(" "),
      fix: "leave the names out",
    });
  if (missing === true && rotate === true)
    problems.push({
      path: "--missing",
      rule: "keeps what is there, and --rotate replaces it",
      fix: "leave out one of them",
    });
  if (problems.length > 0) throw new UserError("this variable cannot be written", [], problems);
}

function regionOf({ fleet, spec }: SelectedFleet, { region }: VariableOptions): string {
  const names = spec.regions.map(({ name }) => name);
  const [only, ...others] = names;
  if (region !== undefined) return region;
  if (only !== undefined && others.length === 0) return only;
  throw new UserError(`fleet ${fleet.name} has several regions, and each has its own variables`, [
    `give --region with one of: ${names.join(", ")}`,
  ]);
}

async function valuesOf(
  path: string,
  asked: readonly string[],
  { generate, file, fromStdin }: VariableOptions,
): Promise<Readonly<Record<string, NewValue>>> {
  const files = file.map((text) => [text.slice(0, text.indexOf("=")), contentsOf(text)] as const);
  const given = fromStdin === true ? objectOf(await standardInput()) : await askedValues(path, asked);
  const known = [...generate, ...files.map(([item]) => item)];
  const values = { ...Object.fromEntries(files), ...given };
  const problems = [
    ...(fromStdin === true ? itemNameProblems([...known, ...Object.keys(given)]) : []),
    ...emptyValueProblems(values),
  ];
  if (problems.length > 0) throw new UserError("these values cannot be written", [], problems);
  const all: Record<string, NewValue> = {};
  for (const [item, value] of Object.entries(values)) all[item] = { value, isGenerated: false };
  for (const item of generate) all[item] = { value: generatedValue(), isGenerated: true };
  return all;
}

/** By the terminal one after the other, or one from standard input. */
async function askedValues(path: string, items: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const [only, ...others] = items;
  if (only === undefined) return {};
  if (canAsk()) {
    const values: Record<string, string> = {};
    for (const item of items) values[item] = await hiddenInput(`${item} of ${path} (not shown): `);
    return values;
  }
  if (others.length === 0) return { [only]: withoutNewline(await standardInput()) };
  throw new UserError(`values of ${items.join(", ")} can be asked for on a terminal alone`, [
    'pipe in a JSON object with --from-stdin: {"<item>": "<value>"}',
  ]);
}

function contentsOf(text: string): string {
  const path = text.slice(text.indexOf("=") + 1);
  try {
    return withoutNewline(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${messageOf(error)}`);
  }
}

function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, "");
}

function objectOf(text: string): Readonly<Record<string, string>> {
  const wrong = new UserError("standard input must be a JSON object of texts", [
    'shape: {"username": "…", "password": "…"}',
  ]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message repeats what it has read.
    throw wrong;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (entries.length === 0 || entries.some(([, item]) => typeof item !== "string")) throw wrong;
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

const DONE = { make: "made", replace: "replaced", keep: "kept" } as const;

function tell(cli: Cli, place: VariablePlace, items: readonly ItemOutcome[], { json, missing }: VariableOptions): void {
  if (json === true) {
    cli.output.out(JSON.stringify({ ...place, items }, null, 2));
    return;
  }
  for (const { item, action } of items) {
    const more = action === "keep" && missing !== true ? "; --rotate replaces it" : "";
    cli.output.out(`${DONE[action]} ${item} of ${placeText(place)}${more}`);
  }
}
