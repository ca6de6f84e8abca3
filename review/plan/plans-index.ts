import type { Problem } from "../../constructs/core/problems";
import { type Json, list, object, text } from "../json";

/** File that says what the other files of a directory of plans are. */
export const PLANS_FILE = "plans.json";
const FORMAT = "1.0";

/** Which state a plan was made on. */
export interface StateVersion {
  readonly lineage: string;
  readonly serial: number;
}

/** How the plan of a stack came out. `deferred`: its region does not run yet. `override`: applied in another way than by Terraform. */
const STATUSES = ["changed", "unchanged", "deferred", "override"] as const;
export type PlanStatus = (typeof STATUSES)[number];

/** One plan. */
export interface PlannedStack {
  readonly stack: string;
  readonly status: PlanStatus;
  /** SHA-256 of what was synthesized of the stack. */
  readonly document: string;
  /** Absent where there was no state yet. */
  readonly state?: StateVersion;
  /** Versions in use, by source. */
  readonly providers: Readonly<Record<string, string>>;
  /** SHA-256 of the plan file. Absent where there is nothing to apply. */
  readonly planFile?: string;
  /** SHA-256 of the normalized plan. Absent where there is no plan. */
  readonly normalized?: string;
  /** Why it is deferred, or how else it is applied. */
  readonly detail?: string;
}

/** What a directory of plans holds. */
export interface PlansIndex {
  readonly formatVersion: typeof FORMAT;
  readonly fleet: string;
  /** Time in ISO 8601. */
  readonly madeAt: string;
  /** Absent outside of a repository. */
  readonly commit?: string;
  /** The work tree had changes that are in no commit. */
  readonly dirty?: boolean;
  /** Version. */
  readonly terraform: string;
  /** In an order of application. */
  readonly stacks: readonly PlannedStack[];
}

/** An index, or what is wrong with it. */
export type ReadIndex = { readonly index: PlansIndex } | { readonly problems: readonly Problem[] };

/** A stack's name becomes part of a path. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/;

/** Reads an index. @param value - parsed JSON of anybody. */
export function readIndex(value: unknown): ReadIndex {
  const document = object(value);
  const problem = (path: string, rule: string, got?: unknown): Problem => ({
    path: `${PLANS_FILE}${path}`,
    rule,
    ...(got !== undefined && { got }),
  });
  if (document["formatVersion"] !== FORMAT)
    return { problems: [problem(": formatVersion", `must be ${FORMAT}`, document["formatVersion"] ?? null)] };
  const [fleet, madeAt, terraform] = ["fleet", "madeAt", "terraform"].map((key) => text(document[key]));
  const problems = [
    ...(fleet === undefined || madeAt === undefined || terraform === undefined
      ? [problem("", "must have fleet, madeAt and terraform")]
      : []),
    ...(Array.isArray(document["stacks"]) ? [] : [problem(": stacks", "must be a list")]),
  ];
  const seen = new Set<string>();
  const stacks = list(document["stacks"]).flatMap((entry, index): readonly PlannedStack[] => {
    const stack = stackOf(object(entry));
    if (stack === undefined) problems.push(problem(`: stacks[${index}]`, "must have stack, status and document"));
    else if (seen.has(stack.stack)) problems.push(problem(`: stacks[${index}]`, "is there twice", stack.stack));
    if (stack !== undefined) seen.add(stack.stack);
    return stack === undefined ? [] : [stack];
  });
  if (problems.length > 0 || fleet === undefined || madeAt === undefined || terraform === undefined)
    return { problems };
  const commit = text(document["commit"]);
  return {
    index: {
      formatVersion: FORMAT,
      fleet,
      madeAt,
      terraform,
      stacks,
      ...(commit !== undefined && { commit, dirty: document["dirty"] === true }),
    },
  };
}

function stackOf(entry: Json): PlannedStack | undefined {
  const stack = text(entry["stack"]);
  const status = STATUSES.find((each) => each === entry["status"]);
  const document = text(entry["document"]);
  if (stack === undefined || !NAME.test(stack) || status === undefined || document === undefined) return undefined;
  const { lineage, serial } = object(entry["state"]);
  const optional = (key: "planFile" | "normalized" | "detail") => {
    const value = text(entry[key]);
    return value === undefined ? {} : { [key]: value };
  };
  return {
    stack,
    status,
    document,
    providers: Object.fromEntries(
      Object.entries(object(entry["providers"])).filter(
        (pair): pair is [string, string] => typeof pair[1] === "string",
      ),
    ),
    ...(typeof lineage === "string" && typeof serial === "number" && { state: { lineage, serial } }),
    ...optional("planFile"),
    ...optional("normalized"),
    ...optional("detail"),
  };
}
