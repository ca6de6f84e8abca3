import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { removeGroups } from "./cgroups";
import { LabError } from "./errors";
import { removeCable } from "./fabric";
import { supervise } from "./launcher";
import { hostCommand, nspawnEnvironment } from "./nspawn";
import { FABRIC, hostPaths, labPaths, namespaceFile } from "./paths";
import { containerInit, endProcess, forget, isAlive, recorded, signalProcess, type RecordedProcess } from "./processes";
import { run, sleep } from "./run";
import { requireState } from "./state";
import type { LabHost } from "./spec";

/** Name under which a host's process and groups are written down. */
export function hostRecord(name: string): string {
  return `host-${name}`;
}

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

/** Files that make the shared image into one machine. */
function identityFiles(name: string): Record<string, string> {
  return {
    "etc/hostname": `${name}\n`,
    "etc/hosts": `127.0.0.1 localhost\n127.0.1.1 ${name}\n::1 localhost ip6-localhost\n`,
    "etc/machine-id": `${randomBytes(16).toString("hex")}\n`,
    // A plain file without a server: tailscaled takes it over for MagicDNS.
    "etc/resolv.conf": "# No resolver until tailscaled writes one here.\n",
  };
}

/** Makes a host's folders and its SSH host key where there are none. The data volume is never emptied. */
export async function prepareHost(name: string): Promise<void> {
  const host = hostPaths(name);
  for (const folder of [host.home, host.root, host.data, host.work]) await mkdir(folder, { recursive: true });
  await mkdir(host.identity, { recursive: true, mode: 0o700 });
  const key = join(host.identity, "ssh_host_ed25519_key");
  if (!existsSync(`${key}.pub`)) {
    await rm(key, { force: true });
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key]);
  }
  if (existsSync(host.upper)) return;
  const fresh = `${host.upper}.tmp`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(join(fresh, "etc/ssh"), { recursive: true });
  await mkdir(join(fresh, "var/log/journal"), { recursive: true });
  await chmod(fresh, 0o755);
  for (const [path, text] of Object.entries(identityFiles(name))) await writeFile(join(fresh, path), text);
  for (const suffix of ["", ".pub"]) {
    await copyFile(`${key}${suffix}`, join(fresh, `etc/ssh/ssh_host_ed25519_key${suffix}`));
    await chmod(join(fresh, `etc/ssh/ssh_host_ed25519_key${suffix}`), suffix === "" ? 0o600 : 0o644);
  }
  await run("mv", ["-T", fresh, host.upper]);
}

/** Switches a host on, unless it is. Its cable must be there. */
export async function bootHost(name: string): Promise<void> {
  await supervise(hostRecord(name), (groups) => hostCommand(name, groups), nspawnEnvironment());
}

/** Waits until a host's sshd answers with the key we gave it. */
export async function waitForSsh(host: LabHost, signal?: AbortSignal, timeoutSeconds = 60): Promise<void> {
  const scan = 'until ssh-keyscan -T 2 -t ed25519 "$1" 2>/dev/null | grep -qF "$2"; do sleep 0.1; done';
  const key = hostKey(host.name).split(" ")[1] ?? "";
  const args = [`--net=${namespaceFile(FABRIC)}`, "sh", "-c", scan, "scan", host.address, key];
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

/** Public SSH host key of a host: `ssh-ed25519 AAAA...`. */
export function hostKey(name: string): string {
  const text = readFileSync(join(hostPaths(name).identity, "ssh_host_ed25519_key.pub"), "utf8");
  return text.trim().split(" ").slice(0, 2).join(" ");
}

/** A running host's supervisor and the process that is number 1 inside. */
export async function hostProcesses(name: string): Promise<{ supervisor: RecordedProcess; init?: number } | undefined> {
  const supervisor = await recorded(hostRecord(name));
  if (!supervisor) return undefined;
  const init = containerInit(supervisor.pid);
  return init === undefined ? { supervisor } : { supervisor, init };
}

/** Ends a host: `orderly` lets its services stop, else it is as if the plug were pulled. */
export async function stopHost(name: string, orderly: boolean): Promise<void> {
  const running = await hostProcesses(name);
  if (running) {
    if (orderly) {
      signalProcess(running.supervisor, "SIGTERM");
      for (let waited = 0; waited < 600 && isAlive(running.supervisor); waited += 1) await sleep(50);
    }
    const init = containerInit(running.supervisor.pid);
    if (init !== undefined) await run("kill", ["-KILL", String(init)], { allowFailure: true });
    for (let waited = 0; waited < 40 && isAlive(running.supervisor); waited += 1) await sleep(50);
    await endProcess(running.supervisor, 1);
  }
  await removeGroups(hostRecord(name));
  await forget(hostRecord(name));
}

/** Empties a host that is off: everything but its data volume and SSH host key. */
export async function wipeHost(name: string): Promise<void> {
  const host = hostPaths(name);
  await rm(host.upper, { recursive: true, force: true });
  await rm(host.work, { recursive: true, force: true });
}

/** Takes a host away for good, data volume included. */
export async function removeHost(name: string): Promise<void> {
  await stopHost(name, false);
  await removeCable(name);
  await rm(hostPaths(name).home, { recursive: true, force: true });
}
