import { programTask, type Runtime } from "./program";
import type { Task } from "./task";

/** Name of the task of {@link ownerTasks}. */
export const OWNER_TASK = "own-volume";

/** Whom an image runs as. */
export interface VolumeOwner {
  /** Number of the user. */
  readonly uid: number;
  /** Number of its group. */
  readonly gid: number;
}

/**
 * Gives a volume to a program's user, once before each start: a new CSI volume or directory is root's, and programs do not run as
 * root. Only in a container: Nomad lets no task of `exec` be root, so that for an installed program the directory's owner is the
 * volume's (`owner` of a host volume, `uid` of a dynamic one).
 *
 * @param directory - where the task {@link OWNER_TASK} has the volume.
 * @returns tasks for the program's group.
 * @see https://developer.hashicorp.com/nomad/docs/configuration/client#user-denylist
 */
export function ownerTasks(
  runtime: Runtime | undefined,
  { uid, gid }: VolumeOwner,
  directory: string,
): Readonly<Record<string, Task>> {
  if (runtime?.kind === "installed") return {};
  const task: Task = {
    ...programTask(undefined, {
      image: "docker.io/library/busybox:1.37.0",
      installedCommand: "/bin/chown",
      entrypoint: ["/bin/chown"],
      args: [`${uid}:${gid}`, directory],
    }),
    user: "root",
    lifecycle: { hook: "prestart" },
    resources: { cpu: "50MHz", memory: "32MiB" },
  };
  return { [OWNER_TASK]: task };
}
