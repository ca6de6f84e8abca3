import { spawn, type SpawnOptions } from "node:child_process";
import { open } from "node:fs/promises";
import { LabError } from "./errors";

/** Where progress goes: one line of text each. */
export type Progress = (line: string) => void;

/** What a finished command left. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the command when it fires. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the command after this long. */
  readonly timeoutSeconds?: number;
  /** A command that fails is no error here. */
  readonly allowFailure?: boolean;
  /** Sees each line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a command to its end.
 *
 * @throws LabError with the last lines of its output when it fails and that is not allowed.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const result = await new Promise<RunResult>((resolve, reject) => {
    // A group of its own: the terminal's Ctrl-C reaches only us, and we end our commands in order.
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: "pipe", detached: true });
    const end = () => kill(child.pid, "SIGTERM");
    options.signal?.addEventListener("abort", end, { once: true });
    const timer =
      options.timeoutSeconds === undefined ? undefined : setTimeout(end, options.timeoutSeconds * 1000).unref();
    let stdout = "";
    let stderr = "";
    const watch = lineWatcher(options.onLine);
    child.stdout.setEncoding("utf8").on("data", (text: string) => ((stdout += text), watch(text)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => ((stderr += text), watch(text)));
    child.stdin.on("error", () => undefined).end(options.input ?? "");
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", end);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(error.code === "ENOENT" ? new LabError(`${command} is not installed`) : error);
    });
    child.on("close", (code, name) => {
      settle();
      resolve({ code: code ?? (name === "SIGINT" ? 130 : 143), stdout, stderr });
    });
  });
  options.signal?.throwIfAborted();
  if (result.code !== 0 && options.allowFailure !== true) {
    const tail = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-12).join("\n  ");
    throw new LabError(`${[command, ...args].join(" ").slice(0, 300)} failed with ${result.code}\n  ${tail}`);
  }
  return result;
}

function lineWatcher(onLine: ((line: string) => void) | undefined): (text: string) => void {
  let rest = "";
  return (text) => {
    if (!onLine) return;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}

/** Runs a command on the caller's own terminal and passes its exit code on. */
export async function runInTerminal(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    child.on("error", reject);
    child.on("close", (code, name) => resolve(code ?? (name === "SIGINT" ? 130 : 143)));
  });
}

/** Starts a process that outlives this one, its output in a file. @returns its process id. */
export async function startDaemon(
  command: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const log = await open(logFile, "a", 0o600);
  try {
    const child = spawn(command, args, { stdio: ["ignore", log.fd, log.fd], detached: true, env, cwd: "/" });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    if (child.pid === undefined) throw new LabError(`${command} did not start`);
    return child.pid;
  } finally {
    await log.close();
  }
}

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Waits without keeping an aborted caller waiting. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = () => (clearTimeout(timer), reject(signal?.reason as Error));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", done), resolve()), milliseconds);
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** Asks again and again until the answer is not undefined. @throws LabError `what` when the time is over. */
export async function poll<T>(
  what: string,
  timeoutSeconds: number,
  ask: () => Promise<T | undefined> | T | undefined,
  signal?: AbortSignal,
  everyMilliseconds = 100,
): Promise<T> {
  const end = performance.now() + timeoutSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new LabError(`${what} (waited ${timeoutSeconds} s)`);
    await sleep(everyMilliseconds, signal);
  }
}

/** Quotes one word for a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
