import { Interrupts, run } from "./process";
import type { Environment } from "./project";

/** A machine to ask for the path to. */
export interface PathTarget {
  readonly machine: string;
  /** Tailnet address or MagicDNS name. */
  readonly address: string;
}

/** How packets travel to a machine. */
export interface PathStatus {
  readonly machine: string;
  readonly path: "direct" | "relay" | "peer relay" | "self" | "none";
  /** The machine's address and port where it is direct, else the relay. */
  readonly via?: string;
  readonly milliseconds?: number;
}

/** Paths to machines, or why they were not looked for. */
export type PathCheck = { readonly paths: readonly PathStatus[] } | { readonly notChecked: string };

export interface PathCheckOptions {
  /** The tailscale command as it is called where the operator works. @default ["tailscale"] */
  readonly command?: readonly string[];
  readonly prefix: readonly string[];
  readonly env: Environment;
  /** For one machine. @default 3000 */
  readonly timeoutMilliseconds?: number;
  /** Machines that are asked at the same time. @default 16 */
  readonly parallel?: number;
}

/** The first answer may come by way of a relay while the direct path is still being found. */
const PINGS = 3;

/** Asks tailscaled for the path to each machine. */
export async function checkPaths(targets: readonly PathTarget[], options: PathCheckOptions): Promise<PathCheck> {
  const notChecked = await unfitness(options);
  if (notChecked !== undefined) return { notChecked };
  const paths: PathStatus[] = [];
  const waiting = [...targets.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      paths[next[0]] = await pathTo(next[1], options);
  };
  await Promise.all(Array.from({ length: options.parallel ?? 16 }, work));
  return { paths };
}

/** A path as a column shows it: `direct 10.61.1.11:41641 3ms`, `relay lab 12ms`, `no answer`. */
export function pathText({ path, via, milliseconds }: PathStatus): string {
  if (path === "none") return "no answer";
  return [path, via, milliseconds === undefined ? undefined : `${milliseconds}ms`].filter(Boolean).join(" ");
}

/** Reads what `tailscale ping` printed: the last answer counts. */
export function parsePing(machine: string, output: string): PathStatus {
  if (/is local Tailscale IP/.test(output)) return { machine, path: "self" };
  const pongs = [...output.matchAll(/^pong from .* via (\S+) in ([\d.]+)(µs|us|ms|s)$/gm)];
  const [, via = "", amount = "", unit = ""] = pongs.at(-1) ?? [];
  if (via === "") return { machine, path: "none" };
  const factor = { s: 1000, ms: 1 }[unit] ?? 0.001;
  const milliseconds = Math.round(Number(amount) * factor);
  const relay = /^DERP\((.*)\)$/.exec(via)?.[1];
  if (relay !== undefined) return { machine, path: "relay", via: relay, milliseconds };
  const peer = /^peer-relay\((.*)\)$/.exec(via)?.[1];
  if (peer !== undefined) return { machine, path: "peer relay", via: peer, milliseconds };
  return { machine, path: "direct", via, milliseconds };
}

/** Why paths cannot be looked for from here. */
async function unfitness(options: PathCheckOptions): Promise<string | undefined> {
  const { code, stdout, stderr } = await tailscale(["status", "--json", "--peers=false"], options);
  if (code === 127) return "there is no tailscale here";
  try {
    const { BackendState: state } = JSON.parse(stdout) as { readonly BackendState?: string };
    return state === "Running" ? undefined : `tailscale is not up here: ${state ?? "unknown state"}`;
  } catch {
    const said = stderr.trim().split("\n").at(-1) ?? "";
    return `tailscaled does not answer here${said === "" ? "" : `: ${said}`}`;
  }
}

async function pathTo({ machine, address }: PathTarget, options: PathCheckOptions): Promise<PathStatus> {
  const bounds = [`--c=${PINGS}`, "--timeout=1s", "--until-direct"];
  const { stdout } = await tailscale(["ping", ...bounds, address], options);
  return parsePing(machine, stdout);
}

async function tailscale(args: readonly string[], options: PathCheckOptions) {
  const { command = ["tailscale"], prefix, env, timeoutMilliseconds = 3000 } = options;
  const interrupts = new Interrupts();
  const limit = setTimeout(() => interrupts.interrupt(), timeoutMilliseconds);
  try {
    return await run([...prefix, ...command, ...args], { env, interrupts });
  } finally {
    clearTimeout(limit);
  }
}
