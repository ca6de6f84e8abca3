import { existsSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../errors";
import { run } from "../process";
import type { Environment } from "../project";

/** What is checked out. */
export interface CheckedOut {
  /** Full id. */
  readonly commit: string;
  /** There are changes that are in no commit. */
  readonly dirty: boolean;
}

/** The commit that a project is at; undefined outside of a repository, and in one without commits. */
export async function checkedOut(project: string, env: Environment): Promise<CheckedOut | undefined> {
  const git = async (...args: readonly string[]) => await run(["git", "-C", project, ...args], { env });
  const head = await git("rev-parse", "--verify", "--quiet", "HEAD^{commit}");
  if (head.code !== 0) return undefined;
  const status = await git("status", "--porcelain");
  return { commit: head.stdout.trim(), dirty: status.code !== 0 || status.stdout.trim() !== "" };
}

/**
 * Refuses a directory that new files must not be written to.
 *
 * @throws UserError for one that is not empty, or that git knows files of.
 */
export async function assertFresh(directory: string, env: Environment): Promise<void> {
  const path = resolve(directory);
  const fix = "give a directory that does not exist yet, or remove this one";
  if (existsSync(path) && readdirSync(path).length > 0) throw new UserError(`${directory} is not empty`, [fix]);
  let above = path;
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
  const { code, stdout } = await run(["git", "-C", above, "ls-files", "--", path], { env });
  if (code === 0 && stdout.trim() !== "")
    throw new UserError(`git has files in ${directory}, and plan files can hold secrets`, [
      "give a directory that git does not know",
    ]);
}
