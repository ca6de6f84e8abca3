import { mkdir, readFile, readdir, rmdir, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { mounts, type Mount } from "./images";
import { CGROUP } from "./paths";
import { sleep } from "./run";

/** A mounted cgroup hierarchy: one per controller (v1), one for all (v2), or both side by side (hybrid). */
export interface Hierarchy {
  readonly point: string;
  readonly version: 1 | 2;
  readonly cpuset: boolean;
}

/** Picks the cgroup hierarchies out of all mounts; each once, though it may be mounted again elsewhere. */
export function hierarchies(all: readonly Mount[]): Hierarchy[] {
  return all
    .filter(({ type, point }) => (type === "cgroup" || type === "cgroup2") && point.startsWith("/sys/fs/cgroup"))
    .map(({ type, point, superOptions }) => ({
      point,
      version: type === "cgroup2" ? (2 as const) : (1 as const),
      cpuset: superOptions.includes("cpuset"),
    }));
}

/**
 * Makes the groups of one host or service in every hierarchy. Without one in each, all hosts share a group per unit
 * name and their units fail at random; Nomad's client ends when it cannot make its own.
 *
 * @returns the folders whose `cgroup.procs` a launcher writes itself into.
 */
export async function ensureGroups(name: string): Promise<string[]> {
  const groups: string[] = [];
  for (const hierarchy of hierarchies(await mounts())) {
    const parent = join(hierarchy.point, CGROUP);
    const group = join(parent, name);
    await mkdir(parent, { recursive: true });
    if (hierarchy.version === 2) {
      await enableControllers(hierarchy.point, hierarchy.point);
      await enableControllers(hierarchy.point, parent);
    }
    await takeShare(parent, hierarchy.version);
    if (hierarchy.cpuset && hierarchy.version === 1) await inheritCpuset(hierarchy.point, parent);
    await mkdir(group, { recursive: true });
    if (hierarchy.cpuset && hierarchy.version === 1) await inheritCpuset(parent, group);
    groups.push(group);
  }
  return groups;
}

async function enableControllers(root: string, group: string): Promise<void> {
  const available = (await readFile(join(root, "cgroup.controllers"), "utf8")).trim().split(/\s+/).filter(Boolean);
  for (const controller of available) {
    // One that cannot be had (realtime tasks, a container's limits) must not keep the others away.
    await writeFile(join(group, "cgroup.subtree_control"), `+${controller}`).catch(() => undefined);
  }
}

/** How many processes outside of it the lab counts for where the processors are busy. */
const WEIGHT = 10;

/** Without a share of its own the whole lab, all of its hosts together, gets what one process outside of it gets. */
async function takeShare(group: string, version: 1 | 2): Promise<void> {
  const [file, one] = version === 1 ? (["cpu.shares", 1024] as const) : (["cpu.weight", 100] as const);
  const path = join(group, file);
  // Only a hierarchy with the cpu controller has the file.
  if (existsSync(path)) await writeFile(path, String(WEIGHT * one));
}

/** A fresh cpuset group has no CPUs, and nothing can be moved into it. */
async function inheritCpuset(from: string, to: string): Promise<void> {
  for (const [long, short] of [
    ["cpuset.cpus", "cpus"],
    ["cpuset.mems", "mems"],
  ] as const) {
    for (const file of [long, short]) {
      const value = await readFile(join(from, file), "utf8").catch(() => undefined);
      if (value !== undefined) await writeFile(join(to, file), value.trim());
    }
  }
}

/** All groups at or below one, the deepest first. */
async function groupsBelow(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) if (entry.isDirectory()) found.push(...(await groupsBelow(join(group, entry.name))));
  return entries.length === 0 ? found : [...found, group];
}

/** Processes in the lab's groups, of one host or of all. */
export async function groupProcesses(name = ""): Promise<number[]> {
  const found = new Set<number>();
  for (const { point } of hierarchies(await mounts())) {
    for (const group of await groupsBelow(join(point, CGROUP, name))) {
      const text = await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "");
      for (const pid of text.split("\n").filter(Boolean)) found.add(Number(pid));
    }
  }
  found.delete(0);
  return [...found];
}

/** Kills what is left in the lab's groups, of one host or of all, and removes the groups. */
export async function removeGroups(name = ""): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    for (const pid of await groupProcesses(name)) killNow(pid);
    let left = 0;
    for (const { point } of hierarchies(await mounts())) {
      for (const group of await groupsBelow(join(point, CGROUP, name))) {
        await rmdir(group).catch((error: unknown) => (left += isMissing(error) ? 0 : 1));
      }
    }
    if (left === 0) return;
    await sleep(50);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** True while some group of the lab exists. */
export async function groupsExist(): Promise<boolean> {
  for (const { point } of hierarchies(await mounts())) {
    if ((await readdir(join(point, CGROUP)).catch(() => undefined)) !== undefined) return true;
  }
  return false;
}
