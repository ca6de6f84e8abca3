import { mkdir, rename, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "../errors";
import { writeFiles } from "../golden";
import { ensureHostKey, writeIdentity } from "../identity";
import { createDisk } from "../images";
import { launch } from "../launcher";
import { goldenLayer, hostPaths, hostRecord, machinePaths } from "../paths";
import { endProcess, isAlive, recorded } from "../processes";
import { nthAddress, prefixOf } from "../ranges";
import { run, sleep } from "../run";
import type { LabHost, LabSpec } from "../spec";
import { requireState, type LabMachines } from "../state";
import { tellMonitor } from "./monitor";
import { MACHINE_DEFAULTS, machineCommand } from "./qemu";

/** An emulated processor takes its time over stopping everything. */
const POWER_OFF_SECONDS = 150;

/** Settings of systemd-networkd: a machine has to find its address by itself, which a container is given. */
export function networkSettings({ address }: LabHost, cidr: string): string {
  return `[Match]
Name=eth0

[Network]
Address=${address}/${prefixOf(cidr)}
Gateway=${nthAddress(cidr, 1)}
`;
}

/**
 * Puts folders over a disk's files, in a mount namespace of its own: what is interrupted leaves no mount.
 */
const FILL = `
disk=$1 point=$2
shift 2
mount -o loop "$disk" "$point"
for layer; do cp -a "$layer/." "$point"; done
umount "$point"
`;

/** Makes a machine's disks and its SSH host key where there are none. The data disk is never emptied. */
export async function prepareMachine(host: LabHost, spec: LabSpec): Promise<void> {
  const { home } = hostPaths(host.name);
  const paths = machinePaths(host.name);
  for (const folder of [home, paths.mount, dirname(paths.monitor)]) await mkdir(folder, { recursive: true });
  await ensureHostKey(host.name);
  if (!existsSync(paths.dataDisk)) {
    const sizeGiB = host.machine?.dataGiB ?? MACHINE_DEFAULTS.dataGiB;
    await makeWhole(paths.dataDisk, async (file) => await createDisk(file, { sizeGiB, label: "data" }));
  }
  if (existsSync(paths.rootDisk)) return;
  const { image } = await machinesOf(host);
  const cidr = spec.sites.find(({ name }) => name === host.site)?.cidr ?? "";
  await rm(paths.files, { recursive: true, force: true });
  await writeIdentity(host.name, paths.files);
  const network = { path: "etc/systemd/network/10-lan.network", mode: 0o644, text: networkSettings(host, cidr) };
  await writeFiles(paths.files, [network]);
  await makeWhole(paths.rootDisk, async (file) => {
    await run("cp", ["--sparse=always", image.root, file]);
    const fill = ["sh", "-euc", FILL, "fill", file, paths.mount, goldenLayer(), paths.files];
    await run("unshare", ["--mount", "--propagation", "private", ...fill]);
  });
  await rm(paths.files, { recursive: true });
}

/** Makes a file under another name first: one that is there is whole. */
async function makeWhole(file: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  await make(temporary);
  await rename(temporary, file);
}

async function machinesOf({ name }: LabHost): Promise<LabMachines> {
  const { machines } = await requireState();
  if (machines === undefined)
    throw new LabError(`the lab has nothing to make the machine ${name} from`, ["start it anew: ./steppe lab up"]);
  return machines;
}

/** Switches a machine on, unless it is. Its cable must be there. */
export async function bootMachine(host: LabHost): Promise<void> {
  const { image, acceleration } = await machinesOf(host);
  await launch(hostRecord(host.name), machineCommand(host, machinePaths(host.name), image, acceleration.accelerator));
}

/** Switches a machine off: `orderly` presses its power button and waits, else the plug is pulled. */
export async function stopMachine(name: string, orderly: boolean): Promise<void> {
  const running = await recorded(hostRecord(name));
  if (!running) return;
  if (orderly) {
    await tellMonitor(machinePaths(name).monitor, "system_powerdown");
    for (let waited = 0; waited < POWER_OFF_SECONDS * 20 && isAlive(running); waited += 1) await sleep(50);
  }
  await endProcess(running, 0);
}

/** Presses a machine's reset button: memory and everything that was not written yet are lost. */
export async function resetMachine(name: string): Promise<void> {
  if (!(await recorded(hostRecord(name))))
    throw new LabError(`host ${name} is off`, [`switch it on: ./steppe lab start ${name}`]);
  await tellMonitor(machinePaths(name).monitor, "system_reset");
}

/** Empties a machine that is off: everything but its data disk and SSH host key. */
export async function wipeMachine(name: string): Promise<void> {
  await rm(machinePaths(name).rootDisk, { force: true });
}
