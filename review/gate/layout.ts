import type { Problem } from "../../constructs/core/problems";
import { object } from "../json";
import { duplicateKeys } from "./duplicate-keys";
import type { DirectoryEntry, Synthesized } from "./types";

/** Files beside the stacks. */
const BESIDE: ReadonlySet<string> = new Set(["manifest.json", "fleet.json", "checks.json"]);
/** A stack's name becomes a path. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** What lies in a directory of synthesized stacks that no synthesis writes, or where none would. */
export function layoutProblems({ entries, manifest, stacks }: Synthesized): readonly Problem[] {
  const names = Object.entries(object(manifest["stacks"])).flatMap(([name, entry]) =>
    stackProblems(name, object(entry)),
  );
  const documents = stacks.flatMap(({ name, text }) =>
    duplicateKeys(text).map((key) => ({
      path: `${name}: cdk.tf.json`,
      rule: "has a key twice, which hides one of the values",
      got: key,
      fix: "give what the program writes",
    })),
  );
  return [...names, ...documents, ...entries.flatMap(entryProblems)];
}

function stackProblems(key: string, entry: Readonly<Record<string, unknown>>): readonly Problem[] {
  const path = `manifest.json: ${key}`;
  const fix = "give the manifest that the program writes";
  if (!NAME.test(key)) return [{ path, rule: "is no name of a stack", fix }];
  const wanted: Readonly<Record<string, string>> = {
    name: key,
    workingDirectory: `stacks/${key}`,
    synthesizedStackPath: `stacks/${key}/cdk.tf.json`,
  };
  return Object.entries(wanted).flatMap(([property, value]) =>
    entry[property] === value
      ? []
      : [{ path: `${path}: ${property}`, rule: `must be ${value}`, got: entry[property] ?? null, fix }],
  );
}

function entryProblems({ path, kind }: DirectoryEntry): readonly Problem[] {
  const [first, stack, file, ...rest] = path.split("/");
  const isPlace = first === "stacks" && rest.length === 0 && (stack === undefined || NAME.test(stack));
  if (kind === "directory" && isPlace && file === undefined) return [];
  if (kind === "file" && (BESIDE.has(path) || (isPlace && file === "cdk.tf.json"))) return [];
  return [{ path, rule: whyNot(path, kind), fix: "leave it out: only what the program writes is planned" }];
}

function whyNot(path: string, kind: DirectoryEntry["kind"]): string {
  const name = path.split("/").at(-1) ?? "";
  if (kind === "link") return "is a link, which leads elsewhere";
  if (kind === "other") return "is neither a file nor a directory";
  if (name.startsWith(".terraform")) return "would choose what Terraform runs";
  if (/\.tfvars(\.json)?$/.test(name)) return "would set variables";
  if (/(^|_)override\.tf(\.json)?$/.test(name)) return "would override what the document says";
  if (/\.(tf|tofu)(\.json)?$/.test(name)) return "would be read by Terraform beside the document";
  return "is nothing that a synthesis writes";
}
