import type { Problem } from "../core/problems";
import type { Job } from "./job";
import { job as jobSchema } from "./schema/job";
import type { Json } from "./schema/field";

/** A job read from Nomad's API, and what of it could not be read. */
export interface ParsedJob {
  readonly job: Job;
  /** Settings that a {@link Job} cannot hold: Nomad Enterprise's, or removed ones. */
  readonly problems: readonly Problem[];
}

/** What to do about settings that people meet. */
const advice: Readonly<Record<string, string>> = {
  "Job.Multiregion": "it is Nomad Enterprise's; register the job once per region (inRegions)",
  "Resources.NUMA": "it is Nomad Enterprise's; remove numa, or ask for cores",
  "Task.Schedule": "it is Nomad Enterprise's; remove schedule, or use periodic",
  "Task.ScalingPolicies": "it is Nomad Enterprise's; remove scaling from the task",
  "Resources.Networks": "move network to the group",
  "Resources.IOPS": "remove iops: Nomad ignores it",
  "Resources.DiskMB": "use ephemeral_disk of the group",
  "Network.MBits": "remove mbits: Nomad ignores it",
  "Group.StopAfterClientDisconnect": "use disconnect { stop_on_client_after }",
  "Group.MaxClientDisconnect": "use disconnect { lost_after }",
  "Group.PreventRescheduleOnLost": "use disconnect { replace = false }",
  "Template.VaultGrace": "remove vault_grace: Nomad ignores it",
};

/**
 * Reads a job as Nomad's API gives it: of `nomad job run -output`, of `nomad job inspect`, with or without the `{ Job: … }`
 * around it. What the API says with zero where nothing is set is left out.
 */
export function parseJob(json: Json): ParsedJob {
  const problems: Problem[] = [];
  const bare = (json["Job"] ?? json) as Json;
  const job = jobSchema.parse(bare, "", (at, what, value) => {
    const fix = advice[what];
    const rule = `holds ${what}, for which there is no property`;
    problems.push({ path: at === "" ? "job" : at, rule, got: value, ...(fix === undefined ? {} : { fix }) });
  });
  return { job: job as unknown as Job, problems };
}
