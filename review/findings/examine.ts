import { examineCapacity } from "./capacity";
import { examineCost } from "./cost";
import { examineData } from "./data";
import { examineIdentity } from "./identity";
import { examineIds } from "./ids";
import { examineJobs } from "./jobs";
import { examineQuorum } from "./quorum";
import { examineReachability } from "./reachability";
import { examineRemoval } from "./removal";
import { examineSecrets } from "./secrets";
import { examineSupply } from "./supply";
import { withoutRepeated } from "./repeated";
import { type Examiner, type Finding, SEVERITIES, type Subject } from "./types";

const EXAMINERS: readonly Examiner[] = [
  examineCapacity,
  examineCost,
  examineData,
  examineIdentity,
  examineIds,
  examineJobs,
  examineQuorum,
  examineReachability,
  examineRemoval,
  examineSecrets,
  examineSupply,
];

/** Everything that a change means, what matters most first. */
export function examine(subject: Subject): readonly Finding[] {
  const findings = EXAMINERS.flatMap((examiner) => examiner(subject));
  return withoutRepeated(subject, findings).toSorted(inOrder);
}

function inOrder(left: Finding, right: Finding): number {
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  return rank(left) - rank(right) || compare(keyOf(left), keyOf(right));
}

function keyOf({ id, stack = "", resource }: Finding): string {
  return `${id}\n${stack}\n${resource}`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
