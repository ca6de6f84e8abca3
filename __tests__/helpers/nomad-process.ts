import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdir, readdir, rmdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { basename, join } from "node:path";
import type { AgentConfig, AgentPlace } from "./nomad-agent-config";
import { findTool } from "./tools";

/** A running agent. */
export interface AgentProcess {
  readonly name: string;
  readonly place: AgentPlace;
  readonly process: ChildProcess;
}

/** Polls until a check gives something, for a bounded time. A check that throws ends the wait. */
export async function waitFor<T>(
  seconds: number,
  what: string,
  check: () => Promise<T | undefined>,
  details: () => string = () => "",
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`after ${seconds} s still not: ${what}\n${details()}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Ports of the loopback that nobody uses; all are held until the last is found, so they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done, failed) => server.on("error", failed).listen(0, "127.0.0.1", done));
      return server;
    }),
  );
  const ports = servers.map((server) => portOf(server));
  await Promise.all(servers.map(async (server) => await new Promise((done) => server.close(done))));
  return ports;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}

/** A folder and ports for an agent. */
export async function agentPlace(directory: string): Promise<AgentPlace> {
  const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
  await mkdir(directory, { recursive: true });
  return { directory, ports: { http, rpc, serf } };
}

/** Starts an agent; its output goes into its folder. */
export async function spawnAgent(
  nomad: string,
  name: string,
  place: AgentPlace,
  config: AgentConfig,
): Promise<AgentProcess> {
  const file = join(place.directory, "agent.json");
  await writeFile(file, JSON.stringify(config, null, 2));
  const log = openSync(logFile(place), "a");
  try {
    const env = { PATH: process.env["PATH"], HOME: place.directory, TMPDIR: place.directory };
    const [command, ...args] = [...endsWithUs(), nomad, "agent", `-config=${file}`];
    const child = spawn(command, args, { env, stdio: ["ignore", log, log] });
    await new Promise((done, failed) => child.once("spawn", done).once("error", failed));
    return { name, place, process: child };
  } finally {
    closeSync(log);
  }
}

/** Where it can be had: the kernel ends the agent with the test that started it, even one that is killed. */
function endsWithUs(): readonly string[] {
  const setpriv = findTool("setpriv");
  return setpriv === undefined ? [] : [setpriv, "--pdeathsig", "TERM"];
}

/** True until the agent has ended. */
export function isRunning({ process: { exitCode, signalCode } }: AgentProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** The last lines that an agent wrote. */
export function logTail(agent: AgentProcess): string {
  const lines = readFileSync(logFile(agent.place), "utf8").trimEnd().split("\n");
  return [`--- ${agent.name}`, ...lines.slice(-15)].join("\n");
}

function logFile(place: AgentPlace): string {
  return join(place.directory, "agent.log");
}

/** Ends an agent in order, or by force after some seconds. */
export async function endAgent(agent: AgentProcess): Promise<void> {
  if (!isRunning(agent)) return;
  const ended = new Promise((done) => agent.process.once("exit", done));
  agent.process.kill("SIGTERM");
  const force = setTimeout(() => agent.process.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(force);
}

/** Name of a group in every cgroup hierarchy. Tasks of the agents run below it. */
function groupFolders(cgroup: string): string[] {
  const root = "/sys/fs/cgroup";
  const hierarchies = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [];
  const folders = hierarchies.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name, cgroup));
  return [join(root, cgroup), ...folders].filter((folder) => existsSync(folder));
}

/**
 * Ends what agents have left behind: by design tasks and their supervisors outlive a client. They run in the agents'
 * group, have the agents' folder in their command line, or work in it.
 */
export async function endLeftovers(directory: string, cgroup: string): Promise<void> {
  const pids = new Set((await readdir("/proc")).filter((name) => /^\d+$/.test(name) && belongsTo(name, directory)));
  for (const folder of groupFolders(cgroup))
    for (const file of await readdir(folder, { recursive: true }))
      if (basename(file) === "cgroup.procs")
        for (const pid of readIfThere(join(folder, file)).split("\n").filter(Boolean)) pids.add(pid);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // Ended by itself.
    }
  }
}

function belongsTo(pid: string, directory: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`).startsWith(`${directory}/`)) return true;
  } catch {
    return false; // Not ours to ask, or ended.
  }
  return readIfThere(`/proc/${pid}/cmdline`).includes(`${directory}/`);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Removes the agents' group from every cgroup hierarchy, the deepest groups first. */
export async function removeGroups(cgroup: string): Promise<void> {
  for (const folder of groupFolders(cgroup)) await removeGroup(folder);
}

async function removeGroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isDirectory())) await removeGroup(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
