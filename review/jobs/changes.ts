import { isObject } from "../../constructs/jobspec/json-value";
import type { JobJson } from "../../constructs/jobspec/render";
import type { ResourceChange } from "../change/types";
import { jobspecExpression } from "../hcl/jobspec";
import { type Json, object, text } from "../json";
import type { Snapshot } from "../source/snapshot";
import { nomadRegionOf } from "../source/region";
import { classifyJob, type GroupChange } from "./classify";

/** A change of a job. */
export interface JobChange {
  readonly stack: string;
  readonly address: string;
  readonly id: string;
  readonly region?: string;
  readonly namespace: string;
  /** API JSON; absent where the job comes. Terraform's expressions stand as texts `${…}`. */
  readonly before?: JobJson;
  /** Absent where it goes. */
  readonly after?: JobJson;
  readonly groups: readonly GroupChange[];
  /** Who says what becomes of the groups: Nomad's rules as this program knows them, or the region's own Nomad. */
  readonly decidedBy: "rules" | "nomad";
  /** The job has values that only Terraform knows, so that Nomad cannot be asked of it yet. */
  readonly unresolved?: true;
}

/** How a job stands in a document: in a Terraform template of a synthesized stack, or as plain JSON in a plan. */
export type JobspecForm = "template" | "plain";

/** Changes of the jobs among changed resources. A job in HCL is left out: only Nomad can read it. */
export function jobChanges(
  changes: readonly ResourceChange[],
  form: JobspecForm,
  regionOf: (stack: string) => string | undefined,
): readonly JobChange[] {
  return changes.flatMap((change): readonly JobChange[] => {
    if (change.type !== "nomad_job" || change.action === "move" || change.action === "forget") return [];
    const [before, after] = [jobOf(change.before, form), jobOf(change.after, form)];
    const job = after ?? before;
    if (job === undefined) return [];
    const region = text(job["Region"]) ?? regionOf(change.stack);
    return [
      {
        stack: change.stack,
        address: change.address,
        id: job.ID,
        namespace: text(job["Namespace"]) ?? "default",
        ...(region !== undefined && { region }),
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
        groups: classifyJob(before, after),
        decidedBy: "rules",
        ...(form === "template" && isUnresolved(change.after) && { unresolved: true }),
      },
    ];
  });
}

/** A job of a snapshot. */
export interface SnapshotJob {
  readonly stack: string;
  readonly address: string;
  readonly region?: string;
  readonly job: JobJson;
}

const jobsOfSnapshots = new WeakMap<Snapshot, readonly SnapshotJob[]>();

/** Every job that a snapshot holds as API JSON. */
export function jobsIn(snapshot: Snapshot): readonly SnapshotJob[] {
  const known = jobsOfSnapshots.get(snapshot);
  if (known !== undefined) return known;
  const jobs = readJobs(snapshot);
  jobsOfSnapshots.set(snapshot, jobs);
  return jobs;
}

function readJobs({ stacks }: Snapshot): readonly SnapshotJob[] {
  return stacks.flatMap(({ name, document }) =>
    Object.entries(object(object(document["resource"])["nomad_job"])).flatMap(([resource, attributes]) => {
      const job = jobOf(object(attributes), "template");
      if (job === undefined) return [];
      const region = text(job["Region"]) ?? nomadRegionOf(document);
      return [{ stack: name, address: `nomad_job.${resource}`, job, ...(region !== undefined && { region }) }];
    }),
  );
}

/** The job of a `nomad_job` resource, by its arguments. @returns undefined for a job that cannot be read. */
export function jobOf(attributes: Json | undefined, form: JobspecForm): JobJson | undefined {
  if (attributes?.["json"] !== true) return undefined;
  const value = form === "template" ? fromTemplate(attributes["jobspec"]) : fromText(attributes["jobspec"]);
  const { ID: id, TaskGroups: groups } = object(value);
  const isJob = typeof id === "string" && Array.isArray(groups) && groups.every(isObject);
  return isJob ? (value as JobJson) : undefined;
}

function isUnresolved(attributes: Json | undefined): boolean {
  return (jobspecExpression(text(attributes?.["jobspec"]) ?? "")?.expressions.size ?? 0) > 0;
}

function fromTemplate(jobspec: unknown): unknown {
  const job = jobspecExpression(text(jobspec) ?? "");
  return job === undefined ? undefined : filled(job.value, job.expressions);
}

function fromText(jobspec: unknown): unknown {
  try {
    return JSON.parse(text(jobspec) ?? "");
  } catch {
    return undefined;
  }
}

/** The value with Terraform's expressions in the places that they stand for. */
export function filled(value: unknown, expressions: ReadonlyMap<string, string>): unknown {
  if (expressions.size === 0) return value;
  if (typeof value === "string") {
    const expression = expressions.get(value);
    return expression === undefined ? value : `\${${expression}}`;
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, expressions));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, expressions)]));
}
