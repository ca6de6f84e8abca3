import { portName } from "../fabric";
import { FABRIC, namespaceFile, type MachinePaths } from "../paths";
import type { LabHost } from "../spec";
import { acceleratorArguments, type Accelerator } from "./accelerator";
import type { MachineImage } from "./image";

/** What a machine has where its spec does not say. */
export const MACHINE_DEFAULTS = { memoryMiB: 1024, cpus: 2, dataGiB: 8 } as const;

/** Hardware address of a machine's network card, made from its address: 52:54:00 is QEMU's own range. */
export function hardwareAddress(address: string): string {
  const octets = address.split(".").slice(1);
  return ["52", "54", "00", ...octets.map((octet) => Number(octet).toString(16).padStart(2, "0"))].join(":");
}

/**
 * A disk of a machine. What QEMU has written outlives QEMU in this machine's memory, so flushes need not reach a disk;
 * what the machine itself had not written yet is lost with its power, as it should be.
 */
function diskArguments(id: string, file: string): string[] {
  // A comma in an option's value is written twice.
  const drive = `file=${file.replaceAll(",", ",,")},format=raw,if=none,id=${id},cache=unsafe`;
  return ["-drive", drive, "-device", `virtio-blk-pci,drive=${id},serial=${id}`];
}

/** Arguments of QEMU that boot a machine: a serial console, two disks, a network card, a source of random numbers. */
export function qemuArguments(
  host: LabHost,
  paths: MachinePaths,
  image: MachineImage,
  accelerator: Accelerator,
): string[] {
  const memoryMiB = host.machine?.memoryMiB ?? MACHINE_DEFAULTS.memoryMiB;
  const cpus = host.machine?.cpus ?? MACHINE_DEFAULTS.cpus;
  const card = `virtio-net-pci,netdev=lan,mac=${hardwareAddress(host.address)},romfile=`;
  return [
    ...["-name", host.name, "-machine", "q35", ...acceleratorArguments(accelerator)],
    ...["-smp", String(cpus), "-m", `${memoryMiB}M`],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio"],
    ...["-kernel", image.kernel, "-initrd", image.initrd],
    ...["-append", "root=LABEL=root rw console=ttyS0 net.ifnames=0 panic=10 loglevel=4 systemd.show_status=yes"],
    ...diskArguments("root", paths.rootDisk),
    ...diskArguments("data", paths.dataDisk),
    ...["-netdev", `tap,id=lan,ifname=${portName(host.name)},script=no,downscript=no`, "-device", card],
    ...["-device", "virtio-rng-pci"],
    ...["-qmp", `unix:${paths.monitor.replaceAll(",", ",,")},server=on,wait=off`],
  ];
}

/** The whole command that is a running machine. QEMU is in the fabric, where the machine's cable ends. */
export function machineCommand(...of: Parameters<typeof qemuArguments>): string[] {
  return ["nsenter", `--net=${namespaceFile(FABRIC)}`, "qemu-system-x86_64", ...qemuArguments(...of)];
}
