import { UserError } from "../ops/errors";
import { Interrupts } from "../ops/process";
import { compareWith } from "../ops/review/compare";
import { type PlansToReview, readPlans } from "../ops/review/plans";
import { readSnapshot } from "../ops/review/snapshot";
import { driftOf } from "../review/plan/drift";
import type { Snapshot } from "../review/source/snapshot";
import { planSubject, synthSubject } from "../review/subject";
import type { ReviewSource, SourceOptions } from "./review-source";
import { type Cli, fleetOf } from "./shared";

/** What plans are compared with. */
interface Base {
  /** Absent where the fleet is not in it. */
  readonly snapshot?: Snapshot;
  readonly name: string;
  readonly notes: readonly string[];
}

/** Plans, and where a base is given what of them is not in the change of the code. */
export async function planSource(cli: Cli, path: string, options: SourceOptions): Promise<ReviewSource> {
  const { plans, head: own, index, notes } = readPlans(path);
  // Plans of ours know what they were made from; of others it may be said.
  const head = own ?? (options.headOut === undefined ? undefined : readSnapshot(options.headOut));
  const base = await baseOf(cli, options, head);
  return {
    subject: planSubject(plans, base?.snapshot, head),
    settings: {
      head: index?.commit === undefined ? path : `${path} (${index.commit.slice(0, 12)})`,
      ...(base !== undefined && {
        base: base.name,
        ...(head !== undefined && { drift: driftOf(synthSubject(base.snapshot, head).changes, plans, head) }),
      }),
      notes: [...notes, ...(base?.notes ?? [])],
    },
  };
}

async function baseOf(cli: Cli, options: SourceOptions, head: PlansToReview["head"]): Promise<Base | undefined> {
  const { base, baseOut } = options;
  if (base !== undefined && baseOut !== undefined) throw new UserError("give --base or --base-out, not both");
  if (base === undefined && baseOut === undefined) return undefined;
  if (head === undefined)
    throw new UserError("a plan of another program cannot be compared with a commit", [
      "leave --base out, or give a directory of ./steppe plan --out, or what it was made from: --head-out",
    ]);
  if (base === undefined) return { snapshot: readSnapshot(baseOut ?? ""), name: baseOut ?? "", notes: [] };
  const interrupts = new Interrupts();
  const comparison = await interrupts.during(() =>
    compareWith(base, fleetOf(cli, options), { project: cli.project, env: cli.env, interrupts, head }),
  );
  if (interrupts.interrupted) throw new UserError("interrupted", [], [], 130);
  const { base: snapshot, baseName: name, notes } = comparison;
  return { name, notes, ...(snapshot !== undefined && { snapshot }) };
}
