/** Where the bundle puts things on a machine. One home, since scripts, units and configuration must agree. */
export const paths = {
  library: "/usr/local/lib/steppe",
  settings: "/etc/steppe",
  machineEnv: "/etc/steppe/machine.env",
  hostName: "/etc/steppe/host",
  /** What the last bundle put on the machine: what a newer one no longer has is removed. */
  files: "/etc/steppe/files",
  managementToken: "/etc/steppe/management.token",
  authKey: "/etc/steppe/tailnet.key",
  /** Access key with which servers write snapshots: its id, and below it the secret. */
  snapshotKey: "/etc/steppe/snapshot.key",
  /** Client id and audience of a machine that joins by workload identity. */
  joinClient: "/etc/steppe/join-client.env",
  /** Of servers that Steppe makes. */
  sshHostKey: "/etc/ssh/steppe_host_key",
  nomadConfig: "/etc/nomad.d",
  tls: "/etc/nomad.d/tls",
  runtime: "/run/steppe",
  incoming: "/run/steppe/incoming",
  runtimeConfig: "/run/steppe/nomad.json",
  units: "/etc/systemd/system",
  sysctl: "/etc/sysctl.d",
} as const;

/** Directories on the machine's own volume: they outlive the root file system. */
export interface DataPaths {
  readonly nomad: string;
  readonly tailscale: string;
  /** Programs that Nomad runs as plugins; its own default. */
  readonly plugins: string;
}

/** Default place of a machine's data where it has no volume of its own. */
export const DEFAULT_DATA_DIRECTORY = "/var/lib";

/** Place of the data of machines in a cloud: where a server's own volume is mounted. */
export const CLOUD_DATA_DIRECTORY = "/srv/steppe";

export function dataPaths(directory: string): DataPaths {
  return { nomad: `${directory}/nomad`, tailscale: `${directory}/tailscale`, plugins: `${directory}/nomad/plugins` };
}
