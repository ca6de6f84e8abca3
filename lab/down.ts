import { readdir, rm, rmdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { groupProcesses, groupsExist, removeGroups } from "./cgroups";
import { LabError } from "./errors";
import { formatElapsed } from "./elapsed";
import { labNamespaces } from "./fabric";
import { detachLoops, mounts, mountsBelow, unmountBelow } from "./images";
import { findCommand } from "./packages";
import { labPaths } from "./paths";
import { assertOutside, assertRoot, foreignRunDirectory } from "./preflight";
import { containerInit, endProcess, recorded, recordedNames } from "./processes";
import { run, sleep, type Progress } from "./run";
import { assertOwnLab, readState, withLock, writeState } from "./state";

export interface DownOptions {
  readonly progress: Progress;
  /** Take away a lab of another checkout as well. */
  readonly force?: boolean;
}

/**
 * Takes the lab away: processes, namespaces, mounts, loop devices, cgroups and the run directory, also what an
 * interrupted `up` left. Built tools and the minimal root stay in the cache.
 *
 * @returns false when there was nothing to take away.
 */
export async function labDown({ progress, force = false }: DownOptions): Promise<boolean> {
  assertRoot();
  const state = await readState().catch(() => undefined);
  if (!force) await assertOwnLab(state);
  if (!(await anythingLeft())) return false;
  const foreign = await foreignRunDirectory();
  if (foreign !== undefined)
    throw new LabError(`the lab on this machine belongs to another user, in ${foreign}`, [
      "stop it as that user: ./steppe lab down",
    ]);
  await assertOutside();
  return await withLock("lab down", async () => {
    if (state) await writeState({ ...state, phase: "stopping" });
    await removeEverything(progress);
    return true;
  });
}

async function anythingLeft(): Promise<boolean> {
  if (existsSync(labPaths().run)) return true;
  if ((await groupsExist()) || mountsBelow(await mounts(), labPaths().run).length > 0) return true;
  return (await labNamespaces()).length > 0;
}

/** Takes everything away, by what is there and not only by what is written down. Can be repeated. */
export async function removeEverything(progress: Progress): Promise<void> {
  const start = performance.now();
  const { run: folder, layersImage } = labPaths();
  const state = await readState().catch(() => undefined);
  await endProcesses();
  await removeNamespaces(state?.namespacesBefore ?? true);
  await unmountBelow(folder);
  await detachLoops(layersImage);
  if (state) await detachLoops(state.rootImage);
  await removeGroups();
  const left = mountsBelow(await mounts(), folder);
  // Never delete through a mount.
  if (left.length > 0) throw new LabError(`still mounted: ${left.join(", ")}`, ["run again: ./steppe lab down"]);
  await rm(folder, { recursive: true, force: true });
  progress(`lab: taken away (${formatElapsed(performance.now() - start)})`);
}

async function endProcesses(): Promise<void> {
  await Promise.all(
    (await recordedNames()).map(async (name) => {
      const running = await recorded(name);
      if (!running) return;
      const init = containerInit(running.pid);
      if (init !== undefined) signal(init, "SIGKILL");
      await endProcess(running, init === undefined ? 2 : 1);
    }),
  );
  // What a host or its supervisor left behind, and what was started and not yet written down.
  for (const pid of await groupProcesses()) signal(pid, "SIGKILL");
  await endOthersInNamespaces();
}

/** Commands that somebody runs in the operator's place or in a host's network: asked first, then ended. */
async function endOthersInNamespaces(): Promise<void> {
  for (const name of ["SIGTERM", "SIGKILL"] as const) {
    const pids = new Set<number>();
    for (const namespace of await labNamespaces()) {
      const { stdout } = await run("ip", ["netns", "pids", namespace], { allowFailure: true });
      for (const pid of stdout.split("\n").filter(Boolean)) pids.add(Number(pid));
    }
    if (pids.size === 0) return;
    for (const pid of pids) signal(pid, name);
    await sleep(500);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

async function removeNamespaces(usedBefore: boolean): Promise<void> {
  if (findCommand("ip") === undefined) return;
  for (const namespace of await labNamespaces()) await run("ip", ["netns", "del", namespace], { allowFailure: true });
  if (usedBefore || (await readdir("/run/netns").catch(() => ["?"])).length > 0) return;
  await run("umount", ["/run/netns"], { allowFailure: true });
  await rmdir("/run/netns").catch(() => undefined);
}
