import { existsSync } from "node:fs";
import { join } from "node:path";
import { goldenLayer, hostNamespace, hostPaths, labPaths, namespaceFile, type HostPaths } from "./paths";

/** Options of the overlay mount that is a host's root. */
export function overlayOptions(host: HostPaths, lowers: readonly string[]): string {
  return `lowerdir=${lowers.join(":")},upperdir=${host.upper},workdir=${host.work}`;
}

/** Devices that a host gets where the machine has them. */
const DEVICES = ["/dev/net/tun", "/dev/fuse"];

/** Arguments of systemd-nspawn that boot a host. */
export function nspawnArguments(name: string, host: HostPaths, devices: readonly string[]): string[] {
  return [
    "--quiet",
    "--register=no",
    "--keep-unit",
    "--boot",
    `--directory=${host.root}`,
    `--machine=${name}`,
    `--hostname=${name}`,
    `--network-namespace-path=${namespaceFile(hostNamespace(name))}`,
    "--capability=all",
    "--system-call-filter=add_key keyctl request_key bpf",
    "--resolv-conf=off",
    "--timezone=off",
    "--link-journal=no",
    `--bind=${host.data}:/srv/data`,
    ...devices.map((device) => `--bind=${device}`),
  ];
}

/** Mounts the root where only the host sees it, then becomes nspawn: with the host its mounts go. */
const BOOT = `
mount -t overlay -o "$1" lab "$2"
shift 2
exec systemd-nspawn "$@"
`;

/** The whole command that is a running host. */
export function hostCommand(name: string): string[] {
  const host = hostPaths(name);
  const lowers = [goldenLayer(), join(labPaths().base, "root")];
  const devices = DEVICES.filter((device) => existsSync(device));
  const nspawn = nspawnArguments(name, host, devices);
  const own = ["--mount", "--propagation", "slave"];
  return ["unshare", ...own, "sh", "-euc", BOOT, "boot", overlayOptions(host, lowers), host.root, ...nspawn];
}

/**
 * Environment of systemd-nspawn. `network` makes only /proc/sys/net writable, which CNI needs; with `yes` a udevd would
 * start in every host and boot take three times as long.
 */
export function nspawnEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network", SYSTEMD_NSPAWN_LOCK: "0" };
}
