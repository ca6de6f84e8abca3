import { chmod, copyFile, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { containerLayer, goldenLayer } from "./paths";
import { CNI_PLUGINS, type Tools } from "./tools";

/** A text file of a layer. */
export interface LayerFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** Makes every cgroup hierarchy writable: nspawn mounts the v1 ones read-only, and Nomad makes groups in them. */
const CGROUP_UNIT = `[Unit]
Description=Writable cgroups for a lab host
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/steppe-lab/cgroups

[Install]
WantedBy=sysinit.target
`;

const CGROUP_SCRIPT = `#!/bin/sh
set -eu
while read -r _ point type _; do
  case "$type" in
    cgroup | cgroup2) mount -o remount,rw,bind "$point" ;;
  esac
done </proc/mounts
`;

const SSHD = `# The lab: one key, no passwords.
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
# One delivery opens many connections at once.
MaxStartups 100:30:200
MaxSessions 100
`;

/** The embedded relay of the control server speaks plain HTTP here, which tailscaled must be told. */
const TAILSCALED = `[Service]
Environment=TS_DEBUG_USE_DERP_HTTP=1 TS_NO_LOGS_NO_SUPPORT=true
`;

/**
 * Files of the golden image beside its binaries.
 *
 * @param operatorKey - public key that may log in as root.
 */
export function goldenFiles(operatorKey: string): LayerFile[] {
  return [
    { path: "etc/systemd/system/tailscaled.service.d/50-lab.conf", mode: 0o644, text: TAILSCALED },
    { path: "etc/ssh/sshd_config.d/50-lab.conf", mode: 0o644, text: SSHD },
    { path: "root/.ssh/authorized_keys", mode: 0o600, text: `${operatorKey.trim()}\n` },
  ];
}

/**
 * Files that only a container needs.
 *
 * @param kernel - release of the running kernel. Nomad looks up `bridge` in that kernel's list of built-in modules and
 * switches bridge mode off when it is not there; the fabric proves that the kernel has it.
 */
export function containerFiles(kernel: string): LayerFile[] {
  return [
    { path: "etc/systemd/system/steppe-lab-cgroups.service", mode: 0o644, text: CGROUP_UNIT },
    { path: "usr/local/lib/steppe-lab/cgroups", mode: 0o755, text: CGROUP_SCRIPT },
    {
      path: `usr/lib/modules/${kernel}/modules.builtin`,
      mode: 0o644,
      text: "kernel/net/bridge/bridge.ko\nkernel/drivers/net/veth.ko\n",
    },
  ];
}

/** Makes the layers that hosts share over the Debian root: what a golden image of the fleet would hold, and what a container needs. */
export async function ensureGolden(tools: Tools, operatorKey: string): Promise<void> {
  await ensureLayer(goldenLayer(), async (folder) => {
    await writeFiles(folder, goldenFiles(operatorKey));
    await chmod(join(folder, "root"), 0o700);
    await chmod(join(folder, "root/.ssh"), 0o700);
    await copyBinaries(folder, tools);
  });
  await ensureLayer(containerLayer(), async (folder) => {
    await writeFiles(folder, containerFiles(release()));
    const wants = join(folder, "etc/systemd/system/sysinit.target.wants");
    await mkdir(wants, { recursive: true });
    await symlink("/etc/systemd/system/steppe-lab-cgroups.service", join(wants, "steppe-lab-cgroups.service"));
  });
}

async function ensureLayer(layer: string, fill: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(layer)) return;
  const temporary = `${layer}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await fill(temporary);
  await rename(temporary, layer);
}

/** Writes files below a folder, and the folders that they are in. */
export async function writeFiles(folder: string, files: readonly LayerFile[]): Promise<void> {
  for (const { path, mode, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode });
  }
}

async function copyBinaries(folder: string, tools: Tools): Promise<void> {
  const binaries = [tools.nomad, tools.tailscale, tools.tailscaled].map((path) => [path, "usr/local/bin"] as const);
  const plugins = CNI_PLUGINS.map((name) => [join(tools.cniDirectory, name), "opt/cni/bin"] as const);
  const fixtures = [[tools.csiPlugin, "usr/local/lib/steppe-lab"] as const];
  for (const [source, place] of [...binaries, ...plugins, ...fixtures]) {
    await mkdir(join(folder, place), { recursive: true });
    const target = join(folder, place, source.slice(source.lastIndexOf("/") + 1));
    await copyFile(source, target);
    await chmod(target, 0o755);
  }
}
