import { type ChildProcess, spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import type { Environment } from "./project";

/** What a finished command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env: Environment;
  /** @default - the present one */
  readonly cwd?: string;
  /** Standard input. @default - empty */
  readonly input?: string;
  /** Called for each line of either output, without its end. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Told about the process, so that a signal reaches it. @default - not interruptible */
  readonly interrupts?: Interrupts;
}

/** Runs a command to its end. Never throws for its exit code; a command that cannot be started ends with 127. */
export function run(argv: readonly string[], options: RunOptions): Promise<Finished> {
  const [command = "", ...args] = argv;
  return new Promise((done) => {
    // A group of its own: a terminal's Ctrl-C must reach it once, through us, and not twice.
    const child = spawn(command, args, {
      env: options.env,
      cwd: options.cwd,
      detached: options.interrupts !== undefined,
      stdio: ["pipe", "pipe", "pipe"],
    });
    options.interrupts?.add(child);
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      const decoder = new StringDecoder("utf8");
      let rest = "";
      child[stream].on("data", (chunk: Buffer) => {
        const text = decoder.write(chunk);
        output[stream] += text;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) options.onLine?.(line, stream);
      });
      child[stream].on("end", () => {
        if (rest !== "") options.onLine?.(rest, stream);
      });
    }
    child.stdin.on("error", () => undefined); // it may end before it has read everything
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => done({ code: 127, ...output, stderr: `${output.stderr}${error.message}\n` }));
    child.on("close", (code) => done({ code: code ?? 1, ...output }));
  });
}

/**
 * Hands Ctrl-C and termination on to the commands at work, and remembers that it happened, so that nothing new begins.
 * Terraform ends its current step on the first signal, and at once on the second.
 */
export class Interrupts {
  private readonly children = new Set<ChildProcess>();
  private readonly listener = (): void => this.interrupt();
  private count = 0;

  constructor(private readonly onInterrupt: (count: number) => void = () => undefined) {}

  public get interrupted(): boolean {
    return this.count > 0;
  }

  /** Runs work while signals are caught. */
  public async during<T>(work: () => Promise<T>): Promise<T> {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, this.listener);
    try {
      return await work();
    } finally {
      for (const signal of signals) process.off(signal, this.listener);
    }
  }

  /** What a signal does. */
  public interrupt(): void {
    this.count++;
    this.onInterrupt(this.count);
    for (const { pid } of this.children) {
      if (pid === undefined) continue;
      try {
        process.kill(-pid, "SIGINT");
      } catch {
        // It ended on its own in the meantime.
      }
    }
  }

  /** @internal */
  public add(child: ChildProcess): void {
    this.children.add(child);
    child.on("close", () => this.children.delete(child));
  }
}
