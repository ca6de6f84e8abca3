import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectDirectory } from "../../../ops/project";
import type { Change, Edit } from "./types";

export const FILES = ["fleets/example.ts", "examples/review.ts"] as const;

/** Sources by path, as one commit has them. */
export type Sources = Readonly<Record<(typeof FILES)[number], string>>;

/** A git repository with the example fleet on `main`, and one commit on a branch of its own for each change. */
export class CorpusRepository {
  private readonly directory = mkdtempSync(join(tmpdir(), "steppe-corpus-"));

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
    for (const file of FILES) this.write(file, readFileSync(join(projectDirectory, file), "utf8"));
    this.commit("the example fleet");
  }

  /** Commits a change onto the base. */
  public add({ name, edits }: Change): Sources {
    this.git("checkout", "--quiet", "--detach", "main");
    for (const edit of edits) this.apply(edit);
    this.commit(name);
    return this.sources("HEAD");
  }

  /** Files as a commit has them. */
  public sources(ref: string): Sources {
    return Object.fromEntries(FILES.map((file) => [file, this.git("show", `${ref}:${file}`)])) as unknown as Sources;
  }

  public dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private apply({ file, from, to, all = false }: Edit): void {
    const text = readFileSync(join(this.directory, file), "utf8");
    const times = text.split(from).length - 1;
    if (times === 0 || (times > 1 && !all)) throw new Error(`${file} has ${JSON.stringify(from)} ${times} times`);
    this.write(file, text.split(from).join(to));
  }

  private write(file: string, text: string): void {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  private commit(message: string): void {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", `--message=${message}`);
  }

  private git(...args: readonly string[]): string {
    return execFileSync("git", ["-C", this.directory, ...args], {
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_NOSYSTEM: "1",
        ...{ GIT_AUTHOR_NAME: "corpus", GIT_AUTHOR_EMAIL: "corpus@example.com" },
        ...{ GIT_COMMITTER_NAME: "corpus", GIT_COMMITTER_EMAIL: "corpus@example.com" },
      },
      maxBuffer: 64 * 1024 * 1024,
    });
  }
}
