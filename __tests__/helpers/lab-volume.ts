import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { GCP_DATA_DEVICE_PATH } from "../../model/gcp-names";
import { said, sh, upload } from "./lab-fleet";
import { loopDevice } from "./loop-devices";

/** How a cloud's machine sees its data volume. */
export interface VolumeNames {
  /** The kernel's. */
  readonly device: string;
  /** The one that udev gives it. */
  readonly link: string;
}

/** Of an instance of AWS's Nitro system. */
export const AWS_VOLUME: VolumeNames = {
  device: "/dev/nvme1n1",
  link: "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0",
};

/** Of an instance of Google Cloud. */
export const GCP_VOLUME: VolumeNames = { device: "/dev/sdb", link: GCP_DATA_DEVICE_PATH };

const SETTINGS = "/etc/tmpfiles.d/volume.conf";

/** In a container systemd leaves out what fstab says of devices. On a writable /sys it does not. */
const GENERATOR = `#!/bin/sh
exec unshare --mount sh -c 'mount -t tmpfs tmpfs /sys && exec /lib/systemd/system-generators/systemd-fstab-generator "$@"' fstab "$@"
`;

/** Nor does it know devices there: what a mount waits for, a device that appears, is awaited before it is checked. */
const CHECK_UNIT = `[Unit]
Description=File System Check on %f
DefaultDependencies=no
Conflicts=shutdown.target
After=local-fs-pre.target
Before=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/bin/sh -c 'until [ -b %f ]; do sleep 0.2; done'
ExecStart=/lib/systemd/systemd-fsck %f
TimeoutSec=300
`;

/** Lets a host of the lab mount devices from its fstab at boot, as a machine does. */
export async function knowDevices(host: string): Promise<void> {
  const generator = "/etc/systemd/system-generators/systemd-fstab-generator";
  await upload(host, generator, GENERATOR);
  await upload(host, "/etc/systemd/system/systemd-fsck@.service", CHECK_UNIT);
  await sh(host, `chmod -R a+rX /etc/systemd; chmod 0755 ${generator}; systemctl daemon-reload`);
}

/** Attaches a block device of this machine to a running host, as a cloud attaches a volume. It is there again at each boot. */
export async function attachVolume(host: string, path: string, { device, link }: VolumeNames): Promise<void> {
  const { rdev } = statSync(path);
  const lines = [
    "d /dev/disk/by-id",
    `b ${device} 0660 root disk - ${rdev >> 8}:${rdev & 0xff}`,
    `L ${link} - - - - ${device}`,
  ];
  await upload(host, SETTINGS, `${lines.join("\n")}\n`);
  const { code, stderr } = await sh(host, `systemd-tmpfiles --create --prefix=/dev ${SETTINGS}`);
  if (code !== 0) throw new Error(`${path} cannot be attached to ${host}: ${stderr}`);
}

/** The host's next boot does not find its volume. */
export async function detachVolumeAtBoot(host: string): Promise<void> {
  await sh(host, `rm ${SETTINGS}`);
}

/** What came of mounting a volume that is somebody else's. */
export interface ForeignMount {
  readonly code: number;
  /** What it was refused as. */
  readonly refused: string | undefined;
  readonly mounted: string;
  readonly unchanged: boolean;
}

/** As it must be. */
export const LEFT_ALONE: ForeignMount = {
  code: 1,
  refused: "ext4 with the label 'backup'",
  mounted: "",
  unchanged: true,
};

/** Lets a host mount a volume that holds somebody else's file system. */
export async function mountForeign(host: string): Promise<ForeignMount> {
  const foreign = loopDevice(16 * 1024 * 1024);
  execFileSync("mkfs.ext4", ["-q", "-L", "backup", foreign.path]);
  const content = () => createHash("sha256").update(readFileSync(foreign.path)).digest("hex");
  const before = content();
  const { rdev } = statSync(foreign.path);
  await sh(host, `mknod /dev/foreign b ${rdev >> 8} ${rdev & 0xff}`);
  const { code, stderr } = await sh(host, "/usr/local/lib/steppe/data-volume /dev/foreign /srv/other");
  const mounted = await said(host, "findmnt /srv/other; grep /srv/other /etc/fstab");
  await sh(host, "rm /dev/foreign");
  const unchanged = content() === before;
  foreign.detach();
  return { code, refused: /ext4 with the label '\w*'/.exec(stderr)?.[0], mounted, unchanged };
}
