import { mkdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { ensureHostKey, writeIdentity } from "./identity";
import { supervise } from "./launcher";
import { hostCommand, nspawnEnvironment } from "./nspawn";
import { hostPaths, hostRecord } from "./paths";
import { containerInit, endProcess, isAlive, recorded, signalProcess, type RecordedProcess } from "./processes";
import { run, sleep } from "./run";

/** Makes a container's folders and its SSH host key where there are none. The data volume is never emptied. */
export async function prepareContainer(name: string): Promise<void> {
  const host = hostPaths(name);
  for (const folder of [host.home, host.root, host.data, host.shared, host.work])
    await mkdir(folder, { recursive: true });
  await ensureHostKey(name);
  if (existsSync(host.upper)) return;
  const fresh = `${host.upper}.tmp`;
  await rm(fresh, { recursive: true, force: true });
  await writeIdentity(name, fresh);
  await run("mv", ["-T", fresh, host.upper]);
}

/** Switches a container on, unless it is. Its cable must be there. */
export async function bootContainer(name: string): Promise<void> {
  await supervise(hostRecord(name), (groups) => hostCommand(name, groups), nspawnEnvironment());
}

/** A running container's supervisor and the process that is number 1 inside. */
export async function containerProcesses(
  name: string,
): Promise<{ supervisor: RecordedProcess; init?: number } | undefined> {
  const supervisor = await recorded(hostRecord(name));
  if (!supervisor) return undefined;
  const init = containerInit(supervisor.pid);
  return init === undefined ? { supervisor } : { supervisor, init };
}

/** Ends a container's processes: `orderly` lets its services stop, else it is as if the plug were pulled. */
export async function stopContainer(name: string, orderly: boolean): Promise<void> {
  const running = await containerProcesses(name);
  if (!running) return;
  if (orderly) {
    signalProcess(running.supervisor, "SIGTERM");
    for (let waited = 0; waited < 600 && isAlive(running.supervisor); waited += 1) await sleep(50);
  }
  const init = containerInit(running.supervisor.pid);
  if (init !== undefined) await run("kill", ["-KILL", String(init)], { allowFailure: true });
  for (let waited = 0; waited < 40 && isAlive(running.supervisor); waited += 1) await sleep(50);
  await endProcess(running.supervisor, 1);
}

/** Empties a container that is off: everything but its data volume and SSH host key. */
export async function wipeContainer(name: string): Promise<void> {
  const host = hostPaths(name);
  await rm(host.upper, { recursive: true, force: true });
  await rm(host.work, { recursive: true, force: true });
}
