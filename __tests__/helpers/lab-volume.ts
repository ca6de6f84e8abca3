import { statSync } from "node:fs";
import { sh, upload } from "./lab-fleet";

/** Name under which udev shows the data volume of an instance of the Nitro system. */
export const VOLUME_NAME = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0";

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

/** Attaches a block device of this machine to a running host, as EBS attaches a volume. It is there again at each boot. */
export async function attachVolume(host: string, device: string): Promise<void> {
  const { rdev } = statSync(device);
  const lines = [
    "d /dev/disk/by-id",
    `b /dev/nvme1n1 0660 root disk - ${rdev >> 8}:${rdev & 0xff}`,
    `L ${VOLUME_NAME} - - - - /dev/nvme1n1`,
  ];
  await upload(host, SETTINGS, `${lines.join("\n")}\n`);
  const { code, stderr } = await sh(host, `systemd-tmpfiles --create --prefix=/dev ${SETTINGS}`);
  if (code !== 0) throw new Error(`${device} cannot be attached to ${host}: ${stderr}`);
}

/** The host's next boot does not find its volume. */
export async function detachVolumeAtBoot(host: string): Promise<void> {
  await sh(host, `rm ${SETTINGS}`);
}
