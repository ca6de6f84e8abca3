/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { execCommand } from "../../lab/power";
import { machineObstacles } from "../../lab/preflight";
import { findTool } from "./tools";

/** The checkout under test. */
export const root = join(__dirname, "..", "..");

/** What a command left. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a user would. */
export async function steppe(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return await command([join(root, "steppe"), ...args], { NO_COLOR: "1", ...env });
}

/** Runs a command to its end, for ten minutes at most. */
export async function command(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const [program = "", ...args] = argv;
  return await new Promise((done, failed) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, timeout: 600_000 });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", failed);
    child.on("close", (code) => done({ code, out, err }));
  });
}

/** Runs a shell command in a lab host, or in the operator's place. */
export async function on(host: string, script: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return await command(await execCommand(host, ["sh", "-c", script]), env);
}

/** Polls until a check passes. */
export async function eventually(seconds: number, what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`after ${seconds} s still not: ${what}`);
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** What `./steppe env` sets up in a shell. @param fleet - its name, or the path of its file */
export function operatorEnvironment(fleet = "lab"): Record<string, string> {
  const script = `eval "$(./steppe env --fleet "$1" --shell bash)" && env -0`;
  const { stdout } = spawnSync("bash", ["-c", script, "env", fleet], { cwd: root, encoding: "utf8" });
  return Object.fromEntries(
    stdout
      .split("\0")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** Runs the real nomad from the operator's place, with the fleet's management token. */
export async function nomad(env: Readonly<Record<string, string>>, args: string, server = "east-1"): Promise<Ran> {
  const tool = findTool("nomad") ?? "nomad";
  return await on("operator", `exec ${tool} ${args}`, { ...env, NOMAD_ADDR: `https://${server}.lab.internal:4646` });
}

/** Why the lab's hosts cannot be machines of their own here; undefined where they can. */
export function machineObstacle(): string | undefined {
  return labObstacle() ?? machineObstacles()[0];
}

/** Why the lab cannot run here; undefined where it can. */
export function labObstacle(): string | undefined {
  if (process.platform !== "linux") return "no Linux";
  if (process.getuid?.() !== 0) return "no root";
  return undefined;
}

/** A `describe` of live tests; where the lab cannot run they count as skipped, and the title says why. */
export function describeInLab(title: string, tests: () => void, obstacle = labObstacle()): void {
  if (obstacle === undefined) describe(title, tests);
  else describe.skip(`${title} [skipped: ${obstacle}]`, tests);
}
