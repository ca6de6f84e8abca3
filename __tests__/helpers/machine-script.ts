import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "../../constructs/machine/paths";

/** Result of a script that ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory that stands for a machine: scripts of the bundle run with their paths below it, without root. */
export class ScriptHome {
  public readonly directory = mkdtempSync(join(tmpdir(), "steppe-machine-"));

  constructor() {
    mkdirSync(join(this.directory, "bin"));
  }

  /** Where a path of a machine is here. */
  public path(path: string): string {
    return join(this.directory, path);
  }

  /** Puts a script where the bundle does, its paths led to this directory. */
  public put(path: string, content: string): string {
    const here = this.path(path);
    mkdirSync(join(here, ".."), { recursive: true });
    let led = content;
    for (const root of [paths.library, paths.runtime, paths.settings]) led = led.replaceAll(root, this.path(root));
    writeFileSync(here, led);
    chmodSync(here, 0o755);
    return here;
  }

  /** Puts a program first on the PATH of what runs here. */
  public program(name: string, script: string): void {
    writeFileSync(join(this.directory, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.directory, "bin", name), 0o755);
  }

  public start(path: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    return spawn("sh", [this.path(path), ...args], {
      env: { PATH: `${this.directory}/bin:${process.env["PATH"]}`, TMPDIR: this.directory, ...env },
    });
  }

  public run(path: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
    return ended(this.start(path, args, env));
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** Waits for the end of a process and gathers what it says. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (part: Buffer) => (stdout += part.toString()));
  child.stderr?.on("data", (part: Buffer) => (stderr += part.toString()));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, stdout, stderr };
}
