import type { Fleet } from "../../../model/types";
import { examine } from "../../../review/findings/examine";
import type { Domain, Finding, Subject } from "../../../review/findings/types";
import type { Json } from "../../../review/json";
import type { Snapshot } from "../../../review/source/snapshot";
import { synthSubject } from "../../../review/subject";
import type { Workloads } from "../../../stacks/program";
import { synthesizeFleet } from "../../helpers/synth";

/** What a commit of a fleet synthesizes, from the real program. */
export function commitOf(fleet: Fleet, workloads?: Workloads): Snapshot {
  const stacks = synthesizeFleet(fleet, workloads === undefined ? {} : { workloads });
  return {
    fleet: JSON.parse(JSON.stringify(fleet)) as Fleet,
    stacks: [...stacks].map(([name, document]) => ({ name, document, dependencies: [] })),
  };
}

/** A commit of one stack that no fleet is known of. */
export function stackOf(document: Json, name = "s"): Snapshot {
  return { stacks: [{ name, document, dependencies: [] }] };
}

/** What a review finds, of some domains alone. Shape: `["blocking data/volume-destroyed aws_ebs_volume.a"]`. */
export function foundIn(subject: Subject, ...domains: readonly Domain[]): readonly string[] {
  return told(subject, ...domains).map(({ severity, id, resource }) => `${severity} ${id} ${resource}`);
}

/** The same between two commits. */
export function found(before: Snapshot | undefined, after: Snapshot, ...domains: readonly Domain[]): readonly string[] {
  return foundIn(synthSubject(before, after), ...domains);
}

/** The findings themselves, those of some domains alone. */
export function told(subject: Subject, ...domains: readonly Domain[]): readonly Finding[] {
  return examine(subject).filter(({ id }) => domains.length === 0 || domains.includes(id.split("/")[0] as Domain));
}
