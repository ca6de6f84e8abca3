import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { linkName } from "./spec";

/** Directory of this checkout. */
export const checkout = dirname(__dirname);

/** Where Steppe keeps what can be made again, for this user. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment["XDG_CACHE_HOME"];
  return join(base !== undefined && base.startsWith("/") ? base : join(homedir(), ".cache"), "steppe");
}

/** Places of the one lab that a user can run. All of them go with `lab down`. */
export interface LabPaths {
  /** Everything below. */
  readonly run: string;
  /** What was asked for and made, as JSON. */
  readonly state: string;
  /** Minimal Debian root, mounted read-only. */
  readonly base: string;
  /** Image that holds every host's changes, and where it is mounted. */
  readonly layersImage: string;
  readonly layers: string;
  /** Recorded processes, one file each. */
  readonly processes: string;
  readonly logs: string;
  /** Auth keys by identity, owner-only. */
  readonly keys: string;
  readonly control: string;
  readonly operator: string;
}

/** @returns the fixed places of this user's lab. */
export function labPaths(cache: string = cacheDirectory()): LabPaths {
  const run = join(cache, "lab");
  return {
    run,
    state: join(run, "lab.json"),
    base: join(run, "base"),
    layersImage: join(run, "layers.img"),
    layers: join(run, "layers"),
    processes: join(run, "processes"),
    logs: join(run, "log"),
    keys: join(run, "keys"),
    control: join(run, "control"),
    operator: join(run, "operator"),
  };
}

/** Lock of whoever changes the lab. Beside the run directory, which it outlives. */
export function lockFile(cache: string = cacheDirectory()): string {
  return join(cache, "lab.lock");
}

/** Places of one host on the layers image. */
export interface HostPaths {
  /** All of the host. */
  readonly home: string;
  readonly upper: string;
  readonly work: string;
  /** Mount point of the overlay; only the host itself sees it mounted. */
  readonly root: string;
  /** Data volume, `/srv/data` in the host: what a rebuild leaves alone. */
  readonly data: string;
  /** One directory that all containers have as `/srv/shared`: a stand-in for shared storage. It goes with the lab. */
  readonly shared: string;
  /** SSH host key, put into the host again by a rebuild. */
  readonly identity: string;
}

/** @returns the places of one host. */
export function hostPaths(name: string, paths: LabPaths = labPaths()): HostPaths {
  const home = join(paths.layers, "hosts", name);
  return {
    home,
    upper: join(home, "upper"),
    work: join(home, "work"),
    root: join(home, "root"),
    data: join(home, "data"),
    shared: join(paths.layers, "shared"),
    identity: join(home, "identity"),
  };
}

/** Name under which a host's process and groups are written down. */
export function hostRecord(name: string): string {
  return `host-${name}`;
}

/** Places of one host that is a machine, beside those of every host. */
export interface MachinePaths {
  /** Disk with the root file system: what a rebuild makes anew. */
  readonly rootDisk: string;
  /** Disk that is `/srv/data` in the machine: what a rebuild leaves alone. */
  readonly dataDisk: string;
  /** Files that make the shared image into this machine, and where its disk is mounted to take them. */
  readonly files: string;
  readonly mount: string;
  /** Socket of QEMU's monitor. Its name is short: the kernel limits a socket's path to 107 characters. */
  readonly monitor: string;
}

/** @returns the places of one machine. */
export function machinePaths(name: string, paths: LabPaths = labPaths()): MachinePaths {
  const { home } = hostPaths(name, paths);
  return {
    rootDisk: join(home, "root.img"),
    dataDisk: join(home, "data.img"),
    files: join(home, "files"),
    mount: join(home, "mount"),
    monitor: join(paths.run, "qmp", linkName("q", name)),
  };
}

/** Layer over the Debian root that every host shares: binaries, keys and settings of the golden image. */
export function goldenLayer(paths: LabPaths = labPaths()): string {
  return join(paths.layers, "golden");
}

/** Layer over that of what only a host needs that is a container. */
export function containerLayer(paths: LabPaths = labPaths()): string {
  return join(paths.layers, "container");
}

/** Network namespaces of the lab begin with this. */
export const NAMESPACE_PREFIX = "steppe-";
/** Network namespace of bridges and control server. */
export const FABRIC = "steppe-fabric";
/** Network namespace of the operator. */
export const OPERATOR_NAMESPACE = "steppe-operator";
/** Name of the lab's group in every cgroup hierarchy. */
export const CGROUP = "steppe-lab";

/** @returns the name of a host's network namespace. */
export function hostNamespace(name: string): string {
  return `steppe-host-${name}`;
}

/** @returns the file that stands for a named network namespace. */
export function namespaceFile(namespace: string): string {
  return `/run/netns/${namespace}`;
}
