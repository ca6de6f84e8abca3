import type { Field, Json, Schema } from "../../../constructs/jobspec/schema/field";
import { job as jobSchema } from "../../../constructs/jobspec/schema/job";

const enterprise = "Nomad Enterprise only";
const removed = "refused by servers since Nomad 1.10, or ignored";
const ofServers = "written by the servers";
const ofClients = "written by the clients";
const alias = "older name of a key that has a field";

/** Keys of the API that no jobspec can set, by block, and why. */
const unsettable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Job: {
    ...because(enterprise, "Multiregion", "ConsulNamespace", "VaultNamespace"),
    ...because(ofServers, "Stop", "ParentID", "Dispatched", "DispatchIdempotencyToken", "Payload", "NomadTokenID"),
    ...because(ofServers, "Status", "StatusDescription", "Stable", "Version", "VersionTag", "SubmitTime"),
    ...because(ofServers, "CreateIndex", "ModifyIndex", "JobModifyIndex"),
  },
  Group: because(removed, "StopAfterClientDisconnect", "MaxClientDisconnect", "PreventRescheduleOnLost"),
  Task: because(enterprise, "ScalingPolicies", "Schedule"),
  Resources: { ...because(removed, "DiskMB", "IOPS", "Networks"), ...because(enterprise, "NUMA") },
  Network: { ...because(ofClients, "CIDR", "Device", "IP"), ...because(removed, "MBits") },
  Template: because(removed, "VaultGrace"),
  Logs: because(alias, "Enabled"),
  Periodic: because("always cron", "SpecType"),
  Proxy: because(alias, "ExposeConfig"),
  Expose: because(alias, "Path"),
  Scaling: because(ofServers, "CreateIndex", "ModifyIndex", "ID", "Namespace", "Target", "Type"),
};

function because(reason: string, ...keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [key, reason]));
}

/** Keys of a job that have no field in the schema of their block, and are not listed above. */
export function unknownKeys(job: Json): readonly string[] {
  return keysOf(job, jobSchema);
}

function keysOf(json: Json, schema: Schema): readonly string[] {
  const fields = Object.values(schema.fields);
  const known = new Set([
    ...fields.flatMap(({ keys }) => keys),
    schema.label,
    ...Object.keys(unsettable[schema.name] ?? {}),
  ]);
  const own = Object.keys(json)
    .filter((key) => !known.has(key))
    .map((key) => `${schema.name}.${key}`);
  const inner = fields.flatMap(({ children, keys, kind }) =>
    children === undefined || kind === "open"
      ? []
      : keys.flatMap((key) => bodies(json[key], children, kind)).flatMap((one) => keysOf(one, children)),
  );
  return [...new Set([...own, ...inner])];
}

/** What a key holds: a block, a list of them, a map of them by label, or a list of such maps to lists. */
function bodies(value: unknown, { label }: Schema, kind: Field["kind"]): readonly Json[] {
  if (typeof value !== "object" || value === null) return [];
  const list = (Array.isArray(value) ? value : [value]) as readonly Json[];
  if (kind !== "labelled" || (Array.isArray(value) && label !== undefined)) return list;
  return list.flatMap((one) => Object.values(one).flat() as Json[]);
}
