import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { messageOf, UserError } from "../errors";
import { type Interrupts, run } from "../process";
import { type Environment, realPath } from "../project";

/** A checkout of a commit, beside the real one. */
export interface CommitCheckout {
  /** Full id. */
  readonly commit: string;
  /** The project in it, which may be a part of a larger repository. */
  readonly project: string;
  /** Removes it. */
  dispose(): void;
}

interface CheckoutSettings {
  readonly project: string;
  readonly env: Environment;
  readonly interrupts?: Interrupts;
}

/**
 * Checks a commit out into a directory of its own. The repository, its index and its work tree stay as they are.
 *
 * Packages are those of the present checkout.
 * @param ref - branch, tag or commit.
 * @throws UserError for what is no commit, or outside of a repository.
 */
export async function checkOut(ref: string, { project, env, interrupts }: CheckoutSettings): Promise<CommitCheckout> {
  const git = async (args: readonly string[], more: Environment = {}): Promise<string> => {
    const { code, stdout, stderr } = await run(["git", "-C", project, ...args], {
      env: { ...env, ...more },
      ...(interrupts !== undefined && { interrupts }),
    });
    if (code !== 0) throw new UserError(stderr.trim() === "" ? `git ${args[0]} ended with ${code}` : stderr.trim());
    return stdout.trim();
  };
  const commit = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]).catch(
    (error: unknown) => {
      throw new UserError(`there is no commit ${JSON.stringify(ref)}: ${messageOf(error)}`, [
        "give a branch, a tag or a commit; in CI, fetch it first: git fetch origin <branch>",
      ]);
    },
  );
  const root = await git(["rev-parse", "--show-toplevel"]);
  const directory = mkdtempSync(join(tmpdir(), "steppe-review-"));
  const dispose = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const tree = join(directory, "tree");
    mkdirSync(tree);
    const index = { GIT_INDEX_FILE: join(directory, "index") };
    await git(["read-tree", commit], index);
    await git(["-C", root, "checkout-index", "--all", "--quiet", `--prefix=${tree}/`], index);
    const inTree = join(tree, relative(realPath(root), realPath(project)));
    if (!existsSync(join(inTree, "package.json")))
      throw new UserError(`commit ${ref} has no Steppe project in it`, [
        `looked for ${relative(root, project) || "."}`,
      ]);
    symlinkSync(join(project, "node_modules"), join(inTree, "node_modules"));
    return { commit, project: inTree, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Copies a file of the present checkout that git does not know, such as the public trust of a lab. */
export function bringAlong(checkout: CommitCheckout, project: string, path: string): void {
  const [from, to] = [join(project, path), join(checkout.project, path)];
  if (!existsSync(from) || existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
