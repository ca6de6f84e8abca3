import type { Problem } from "../../constructs/core/problems";
import type { Job } from "../../constructs/jobspec/job";
import type { Task } from "../../constructs/jobspec/task";

/** A way in which Nomad and our rules disagree about validity, on purpose. */
export interface KnownDifference {
  readonly name: string;
  readonly reason: string;
  /**
   * Whether it explains that one of both refuses a job and the other does not.
   *
   * @param ours - our errors; none where only Nomad refuses.
   * @param theirs - Nomad's words; empty where only we refuse.
   */
  readonly explains: (ours: readonly Problem[], theirs: string) => boolean;
  /** A job on which both disagree in this way. */
  readonly example: Job;
}

const task: Task = { driver: "exec", config: { command: "/bin/true" } };

/** A difference by which only we refuse: every one of our errors matches. */
const onlyWe = (path: RegExp, rule: RegExp, isGiven: (got: unknown) => boolean = () => true) =>
  ((ours, theirs) =>
    theirs === "" &&
    ours.every(
      (one) => path.test(one.path) && rule.test(one.rule) && isGiven(one.got),
    )) satisfies KnownDifference["explains"];

export const knownDifferences: readonly KnownDifference[] = [
  {
    name: "empty-choice",
    reason:
      "Nomad takes empty text for unset where one of some words is wanted. In typed data that does not compile, and in a job made by a program it is a mistake.",
    explains: onlyWe(/./, /^must be .*\bor\b/, (got) => got === ""),
    example: { id: "a", groups: { g: { tasks: { t: { ...task, vault: { changeMode: "" as never } } } } } },
  },
  {
    name: "handed-down-unread",
    reason:
      "A vault block of a job or a group of which every task has its own is read by nobody: Nomad's API has no place for it. A word that is no choice is a mistake there all the same.",
    explains: onlyWe(/^(groups\.[^]+\.)?vault\./, /^/),
    example: {
      id: "a",
      vault: { changeMode: "later" as never },
      groups: { g: { tasks: { t: { ...task, vault: {} } } } },
    },
  },
];

/** The difference that explains a disagreement; undefined where none does. */
export function explanation(ours: readonly Problem[], theirs: string): KnownDifference | undefined {
  return knownDifferences.find(({ explains }) => explains(ours, theirs));
}
