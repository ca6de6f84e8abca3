import { existsSync } from "node:fs";
import { join } from "node:path";
import { launchArguments } from "./launcher";
import {
  containerLayer,
  goldenLayer,
  hostNamespace,
  hostPaths,
  labPaths,
  namespaceFile,
  type HostPaths,
} from "./paths";

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
    `--bind=${host.shared}:/srv/shared`,
    ...devices.map((device) => `--bind=${device}`),
  ];
}

/**
 * Mounts the root where only the host sees it, then runs nspawn: with the host its mounts go. nspawn ends with 133 when
 * the host reboots. The loop itself stays outside the host's groups: on cgroup v2 no process may be in a group that has
 * groups below it.
 */
const BOOT = `
mount -t overlay -o "$1" lab "$2"
shift 2
stop=
trap 'stop=1; kill -TERM "$child" 2>/dev/null || :' TERM
code=133
while [ "$code" = 133 ] && [ -z "$stop" ]; do
  "$@" &
  child=$!
  code=0
  wait "$child" || code=$?
  while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
  done
done
exit "$code"
`;

/**
 * The whole command that is a running host.
 *
 * @param groups - cgroups that the host's processes are in.
 */
export function hostCommand(name: string, groups: readonly string[]): string[] {
  const host = hostPaths(name);
  const lowers = [containerLayer(), goldenLayer(), join(labPaths().base, "root")];
  const devices = DEVICES.filter((device) => existsSync(device));
  const nspawn = launchArguments(groups, ["systemd-nspawn", ...nspawnArguments(name, host, devices)]);
  const own = ["--mount", "--propagation", "slave"];
  return ["unshare", ...own, "sh", "-euc", BOOT, "boot", overlayOptions(host, lowers), host.root, "sh", ...nspawn];
}

/**
 * Environment of systemd-nspawn. `network` makes only /proc/sys/net writable, which CNI needs; with `yes` a udevd would
 * start in every host and boot take three times as long.
 */
export function nspawnEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network", SYSTEMD_NSPAWN_LOCK: "0" };
}
