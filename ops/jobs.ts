import { unescapeTemplate } from "../constructs/core/hcl/template";
import { toHcl } from "../constructs/jobspec/hcl";
import { parseJob } from "../constructs/jobspec/parse";
import { jobspecExpression } from "../review/hcl/jobspec";
import { filled } from "../review/jobs/changes";
import type { Json, Stack } from "./terraform/stack";

/** A job of a synthesized fleet. */
export interface FleetJob {
  readonly region: string;
  readonly stack: string;
  /** Terraform's name of it. Shape: `nomad_job.hello`. */
  readonly resource: string;
  /** Id; that of a job in HCL as far as it can be read. */
  readonly id: string;
  /** API JSON; absent for a job that is handed over as HCL. */
  readonly json?: Json;
  /** Jobspec. */
  readonly hcl: string;
  /** Values that only Terraform knows: they stand in the jobspec as Terraform expressions. */
  readonly expressions: readonly string[];
}

/** Every job of a fleet's stacks, as it was synthesized. */
export function jobsOf(stacks: readonly Stack[]): readonly FleetJob[] {
  return stacks.flatMap((stack) => {
    const resources = (stack.document["resource"] ?? {}) as Readonly<Record<string, Readonly<Record<string, Json>>>>;
    return Object.entries(resources["nomad_job"] ?? {}).map(([name, attributes]) =>
      jobOf(stack, `nomad_job.${name}`, attributes),
    );
  });
}

function jobOf(stack: Stack, resource: string, attributes: Json): FleetJob {
  const place = { region: stack.nomadRegion ?? "", stack: stack.name, resource };
  const template = String(attributes["jobspec"]);
  if (attributes["json"] !== true) {
    const hcl = unescapeTemplate(template);
    const id = /^\s*job\s+"?([^"\s{]+)/m.exec(hcl)?.[1] ?? resource;
    return { ...place, id, hcl, expressions: [] };
  }
  const { value, expressions } = jobspecExpression(template) ?? { value: {}, expressions: new Map<string, string>() };
  const json = filled(value, expressions) as Json;
  return {
    ...place,
    id: String(json["ID"]),
    json,
    hcl: toHcl(parseJob(json).job),
    expressions: [...expressions.values()],
  };
}
