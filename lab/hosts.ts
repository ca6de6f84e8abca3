import { rm } from "node:fs/promises";
import { join } from "node:path";
import { removeGroups } from "./cgroups";
import { bootContainer, containerProcesses, prepareContainer, stopContainer, wipeContainer } from "./container";
import { LabError } from "./errors";
import { removeCable } from "./fabric";
import { hostKey } from "./identity";
import { bootMachine, prepareMachine, resetMachine, stopMachine, wipeMachine } from "./machine/machine";
import { FABRIC, hostPaths, hostRecord, labPaths, namespaceFile } from "./paths";
import { forget, recorded } from "./processes";
import { run, sleep } from "./run";
import { requireState } from "./state";
import type { LabHost, LabSpec } from "./spec";

/** @throws LabError that lists the hosts there are. */
export async function findHost(name: string): Promise<LabHost> {
  const { spec } = await requireState();
  const host = spec.hosts.find((each) => each.name === name);
  if (!host)
    throw new LabError(`the lab has no host ${name}`, [
      `use one of: ${spec.hosts.map((each) => each.name).join(", ")}`,
    ]);
  return host;
}

/** Makes what is missing of a host that is to be booted. Its data volume is never emptied. */
export async function prepareHost(host: LabHost, spec: LabSpec): Promise<void> {
  if (host.machine === undefined) await prepareContainer(host.name);
  else await prepareMachine(host, spec);
}

/** Switches a host on, unless it is. Its cable must be there. */
export async function bootHost(host: LabHost): Promise<void> {
  if (host.machine === undefined) await bootContainer(host.name);
  else await bootMachine(host);
}

/** True while a host is switched on. */
export async function isOn(host: LabHost): Promise<boolean> {
  if (host.machine !== undefined) return (await recorded(hostRecord(host.name))) !== undefined;
  return (await containerProcesses(host.name))?.init !== undefined;
}

/** Ends a host: `orderly` lets its services stop, else it is as if the plug were pulled. */
export async function stopHost(host: LabHost, orderly: boolean): Promise<void> {
  if (host.machine === undefined) await stopContainer(host.name, orderly);
  else await stopMachine(host.name, orderly);
  await removeGroups(hostRecord(host.name));
  await forget(hostRecord(host.name));
}

/** As the reset button: nothing gets to stop, and the host boots anew. */
export async function resetHost(host: LabHost): Promise<void> {
  if (host.machine !== undefined) return await resetMachine(host.name);
  await stopHost(host, false);
  await bootHost(host);
}

/** Empties a host that is off: everything but its data volume and SSH host key. */
export async function wipeHost(host: LabHost): Promise<void> {
  if (host.machine === undefined) await wipeContainer(host.name);
  else await wipeMachine(host.name);
}

/** Takes a host away for good, data volume included. */
export async function removeHost(host: LabHost): Promise<void> {
  await stopHost(host, false);
  await removeCable(host.name);
  await rm(hostPaths(host.name).home, { recursive: true, force: true });
}

/** How long a host may take until its sshd answers, in seconds. A machine may have to emulate its processors. */
export function bootSeconds(host: LabHost): number {
  return host.machine === undefined ? 60 : 300;
}

/** Waits until a host's sshd answers with the key we gave it. */
export async function waitForSsh(host: LabHost, signal?: AbortSignal): Promise<void> {
  const timeoutSeconds = bootSeconds(host);
  const scan = 'until ssh-keyscan -T "$3" -t ed25519 "$1" 2>/dev/null | grep -qF "$2"; do sleep 0.1; done';
  const key = hostKey(host.name).split(" ")[1] ?? "";
  const answerSeconds = host.machine === undefined ? "2" : "10";
  const args = [`--net=${namespaceFile(FABRIC)}`, "sh", "-c", scan, "scan", host.address, key, answerSeconds];
  const waiting = new AbortController();
  const stop = () => waiting.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const answered = run("nsenter", args, { signal: waiting.signal, timeoutSeconds, allowFailure: true });
  const log = join(labPaths().logs, `${hostRecord(host.name)}.log`);
  try {
    for (;;) {
      const result = await Promise.race([answered, sleep(500)]);
      if (result?.code === 0) return;
      if (result)
        throw new LabError(`host ${host.name} does not answer on SSH (waited ${timeoutSeconds} s); see ${log}`);
      if (!(await recorded(hostRecord(host.name)))) {
        waiting.abort(new LabError("stopped"));
        await answered.catch(() => undefined);
        throw new LabError(`host ${host.name} ended while it booted; see ${log}`);
      }
    }
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
