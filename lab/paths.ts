import { homedir } from "node:os";
import { dirname, join } from "node:path";

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
    identity: join(home, "identity"),
  };
}

/** Layer over the Debian root that every host shares: binaries, keys and settings of the golden image. */
export function goldenLayer(paths: LabPaths = labPaths()): string {
  return join(paths.layers, "golden");
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
