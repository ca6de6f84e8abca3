import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import type { Snapshot } from "../../review/source/snapshot";
import { messageOf, UserError } from "../errors";
import type { SelectedFleet } from "../fleet";
import type { Interrupts } from "../process";
import { type Environment, isInside, realPath } from "../project";
import { synthesize } from "../terraform/synth";
import { bringAlong, checkOut, type CommitCheckout } from "./commit";
import { readSnapshot } from "./snapshot";

/** Two commits of a fleet, synthesized. */
export interface Comparison {
  /** Absent where the fleet is not in the base. */
  readonly base?: Snapshot;
  readonly baseName: string;
  readonly head: Snapshot;
  readonly headName: string;
  /** What may make the comparison less exact. */
  readonly notes: readonly string[];
}

interface CompareSettings {
  /** What the change synthesizes, where that is known. @default - the work tree is synthesized */
  readonly head?: Snapshot;
  readonly project: string;
  readonly env: Environment;
  readonly interrupts?: Interrupts;
  readonly onWarning?: (line: string) => void;
}

/**
 * Variables that a synthesis may see. Credentials are none of them: the code of a pull request is anybody's.
 */
const HARMLESS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TERM|NO_COLOR|FORCE_COLOR|CI|NODE_PATH|NODE_OPTIONS|XDG_\w+|STEPPE_(?!TAILNET)\w+|npm_config_cache)$/;

/** The environment without what might be a secret. */
export function withoutCredentials(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => HARMLESS.test(name)));
}

/**
 * Synthesizes a fleet as it is at a commit and as it is in the work tree, without credentials.
 *
 * @throws UserError where one of them cannot be synthesized.
 */
export async function compareWith(ref: string, chosen: SelectedFleet, settings: CompareSettings): Promise<Comparison> {
  const { project } = settings;
  const env = withoutCredentials(settings.env);
  const scratch = mkdtempSync(join(tmpdir(), "steppe-head-"));
  let checkout: CommitCheckout | undefined;
  try {
    checkout = await checkOut(ref, { ...settings, env });
    const inBase = selectedIn(checkout, project, chosen.selected);
    bringAlong(checkout, project, relative(project, chosen.publicTrustPath));
    const head =
      settings.head === undefined
        ? synthesize(chosen.selected, { env, project, outdir: join(scratch, "head"), ...warnings(settings) })
        : undefined;
    const base =
      inBase === undefined
        ? undefined
        : synthesize(inBase, { env, project: checkout.project, outdir: join(scratch, "base") });
    const [, old] = await Promise.allSettled([head, base]);
    await head;
    if (old.status === "rejected")
      throw new UserError(`the base ${ref} cannot be synthesized`, [], [{ path: ref, rule: messageOf(old.reason) }]);
    return {
      ...(inBase !== undefined && { base: readSnapshot(join(scratch, "base")) }),
      baseName: checkout.commit.slice(0, 12),
      head: settings.head ?? readSnapshot(join(scratch, "head")),
      headName: "work tree",
      notes: notesOf(checkout, project, inBase, chosen.selected),
    };
  } finally {
    checkout?.dispose();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The chosen fleet as the base's own program would choose it; nothing where it does not have it. */
function selectedIn(checkout: CommitCheckout, project: string, selected: string): string | undefined {
  if (!isAbsolute(selected))
    return existsSync(join(checkout.project, "fleets", `${selected}.ts`)) ? selected : undefined;
  if (!isInside(selected, project))
    throw new UserError(`${selected} lies outside of the project, so that no commit has it`, [
      "put it into the repository, or synthesize both sides yourself and give --base-out and --head-out",
    ]);
  const path = join(checkout.project, relative(realPath(project), realPath(selected)));
  return existsSync(path) ? path : undefined;
}

function notesOf(
  checkout: CommitCheckout,
  project: string,
  inBase: string | undefined,
  selected: string,
): readonly string[] {
  const lock = "package-lock.json";
  const [old, now] = [join(checkout.project, lock), join(project, lock)];
  const isOther = existsSync(old) && existsSync(now) && !readFileSync(old).equals(readFileSync(now));
  return [
    ...(inBase === undefined ? [`the base has no fleet ${selected}: everything is new`] : []),
    ...(isOther ? [`${lock} differs: the base was synthesized with the packages of the head`] : []),
  ];
}

function warnings({ onWarning }: CompareSettings): Pick<CompareSettings, "onWarning"> {
  return onWarning === undefined ? {} : { onWarning };
}
