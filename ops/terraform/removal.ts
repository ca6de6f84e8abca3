import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Problem } from "../../constructs/core/problems";
import type { Json, Stack } from "./stack";

const FIX = "put it back with retired: { reason }, apply, then delete the line";

/** Kinds of stacks, as their names follow the fleet's. Told apart from another fleet called `<fleet>-something`. */
const KINDS = /^(tailnet|control|(site|storage|jobs)-.+)$/;

/** Address of a machine's stable resource: path of the construct, then the hash of it. */
const MACHINE = /_Machine_[0-9A-F]{8}$/;
const RETIREMENT = /_Retirement_[0-9A-F]{8}$/;

/** What is read of a state file. */
interface State {
  readonly serial?: number;
  readonly resources?: readonly {
    readonly mode?: string;
    readonly type?: string;
    readonly name?: string;
    readonly instances?: readonly { readonly attributes?: unknown; readonly status?: string }[];
  }[];
}

/**
 * Stacks and machines that have state and are no longer in the data: the machines would stay, unmanaged and unseen.
 *
 * Only local state can be listed. Of a remote backend the review sees what was removed instead.
 */
export function removalProblems(stacks: readonly Stack[], fleet: string): Problem[] {
  return [...removedStacks(stacks, fleet), ...stacks.flatMap(removedMachines)];
}

function removedStacks(stacks: readonly Stack[], fleet: string): Problem[] {
  const known = new Set(stacks.flatMap(({ backend }) => (backend.path === undefined ? [] : [backend.path])));
  const directories = new Set([...known].map((path) => dirname(path)));
  return [...directories].flatMap((directory) =>
    stateFiles(directory)
      .filter((path) => !known.has(path) && belongsTo(path, fleet))
      .flatMap((path) => {
        const count = readState(path)?.resources ?? 0;
        if (count === 0) return [];
        return [
          {
            path: basename(path, ".tfstate"),
            rule: `is no longer in the data but has state (${count} ${count === 1 ? "resource" : "resources"})`,
            fix: FIX,
          },
        ];
      }),
  );
}

/** Machines that a stack's state has and the data no longer: the same, within a stack that stays. */
function removedMachines({ name, backend, document }: Stack): Problem[] {
  const known = new Set(
    Object.values(object(object(document["resource"])["terraform_data"])).flatMap((body) => hostOf(object(body))),
  );
  return machinesIn(backend.path)
    .filter((host) => !known.has(host))
    .map((host) => ({ path: `${name}: ${host}`, rule: "is no longer in the data but its stack has it", fix: FIX }));
}

/** Hosts for which a local state holds a machine, or a retirement that failed. One that is retired left with that apply. */
function machinesIn(path: string | undefined): string[] {
  if (path === undefined || !existsSync(path)) return [];
  const { resources } = JSON.parse(readFileSync(path, "utf8")) as State;
  return (resources ?? [])
    .filter(({ type }) => type === "terraform_data")
    .flatMap(({ name = "", instances = [] }) =>
      instances.filter(({ status }) => MACHINE.test(name) || (RETIREMENT.test(name) && status === "tainted")),
    )
    .flatMap(({ attributes }) => hostOf({ input: object(object(attributes)["input"])["value"] }));
}

/** The host that a resource stands for, from its input. */
function hostOf(body: Json): string[] {
  const { host } = object(body["input"]);
  return typeof host === "string" ? [host] : [];
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** What a state file says about itself. */
export interface StateSummary {
  readonly serial: number;
  readonly resources: number;
  readonly changed: Date;
}

/** Reads a local state file; nothing where there is none. */
export function readState(path: string): StateSummary | undefined {
  if (!existsSync(path)) return undefined;
  const { serial, resources } = JSON.parse(readFileSync(path, "utf8")) as State;
  return {
    serial: serial ?? 0,
    resources: (resources ?? [])
      .filter(({ mode }) => mode !== "data")
      .reduce((sum, { instances }) => sum + (instances?.length ?? 0), 0),
    changed: statSync(path).mtime,
  };
}

/** Types of the resources in a local state file. */
export function readResourceTypes(path: string): string[] {
  if (!existsSync(path)) return [];
  const { resources } = JSON.parse(readFileSync(path, "utf8")) as State;
  return (resources ?? []).flatMap(({ mode, type, instances = [] }) =>
    mode !== "data" && type !== undefined && instances.length > 0 ? [type] : [],
  );
}

function stateFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".tfstate"))
    .map((name) => join(directory, name))
    .sort();
}

function belongsTo(path: string, fleet: string): boolean {
  const name = basename(path, ".tfstate");
  return name.startsWith(`${fleet}-`) && KINDS.test(name.slice(fleet.length + 1));
}
