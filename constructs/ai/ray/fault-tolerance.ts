import type { Problem } from "../../core/problems";
import type { Group } from "../../jobspec/group";
import type { Task } from "../../jobspec/task";
import { OWNER_TASK, ownerTasks } from "../../jobspec/volume-owner";
import type { JobMount } from "../../nomad/job-mounts";
import { cutOff, dataPlaceOf, keptDataProblems } from "../../nomad/kept-data";
import type { PatternPlace } from "../../nomad/pattern-place";
import type { RayClusterProps } from "./options";

/** Where the head has the volume. */
const VOLUME = "/gcs";
/** Ray's images run as this user. @see https://github.com/ray-project/ray/blob/master/docker/base-deps/Dockerfile */
const USER = { uid: 1000, gid: 100 };
/** Variables of Ray's that say where GCS has its store. */
const STORE_VARIABLES = ["RAY_gcs_storage", "RAY_gcs_storage_path", "RAY_REDIS_ADDRESS"];

/**
 * Tells the head to keep what GCS knows, and everybody for how long to wait for it.
 *
 * @see https://docs.ray.io/en/master/core/fault-tolerance/gcs.html
 */
export function storeEnvironment(
  { gcsFaultTolerance, name }: RayClusterProps,
  part: "head" | "workers",
): NonNullable<Task["env"]> {
  if (gcsFaultTolerance === undefined) return {};
  const { reconnectTimeoutSeconds: timeout } = gcsFaultTolerance;
  return {
    ...(part === "head" ? { RAY_gcs_storage: "rocksdb", RAY_gcs_storage_path: `${VOLUME}/${name}` } : {}),
    ...(timeout === undefined ? {} : { RAY_gcs_rpc_server_reconnect_timeout_s: `${timeout}` }),
  };
}

/** What the head's group has beside Ray: only one head may write the store. */
export function storeGroup(
  { gcsFaultTolerance, runtime }: RayClusterProps,
  place: PatternPlace,
): { readonly tasks: Group["tasks"]; readonly group: Pick<Group, "disconnect"> } {
  if (gcsFaultTolerance === undefined) return { tasks: {}, group: {} };
  const isAnywhere = dataPlaceOf(place, gcsFaultTolerance.volume) === "anywhere";
  return { tasks: ownerTasks(runtime, USER, VOLUME), group: isAnywhere ? { disconnect: cutOff(place) } : {} };
}

/** Mounts of the store in these tasks of the head. */
export function storeMounts(
  { gcsFaultTolerance, runtime }: RayClusterProps,
  group: string,
  task: string,
): readonly JobMount[] {
  if (gcsFaultTolerance === undefined) return [];
  const tasks = runtime?.kind === "installed" ? [task] : [task, OWNER_TASK];
  return tasks.map((each) => ({ volume: gcsFaultTolerance.volume, group, task: each, destination: VOLUME }));
}

/** What speaks against a store of GCS as it is asked for. */
export function storeProblems(props: RayClusterProps, head: PatternPlace): readonly Problem[] {
  const { gcsFaultTolerance, env = {}, runtime, mounts = [] } = props;
  if (gcsFaultTolerance === undefined) return [];
  const { volume, reconnectTimeoutSeconds: timeout } = gcsFaultTolerance;
  const image = runtime?.kind === "installed" ? undefined : runtime?.image;
  return [
    ...keptDataProblems(head, volume, "gcsFaultTolerance.volume", "the head"),
    ...(timeout === undefined || (Number.isInteger(timeout) && timeout >= 30 && timeout <= 86_400)
      ? []
      : [
          {
            path: "gcsFaultTolerance.reconnectTimeoutSeconds",
            rule: "must be a whole number from 30, since a head takes that long to come back, to 86400",
            got: timeout,
          },
        ]),
    ...(image !== undefined && isBeforeRocksDb(image)
      ? [
          {
            path: "runtime.image",
            rule: "must have Ray 2.57 or newer, the first that keeps its store in files, for gcsFaultTolerance",
            got: image,
          },
        ]
      : []),
    ...STORE_VARIABLES.filter((variable) => Object.hasOwn(env, variable)).map((variable) => ({
      path: `env.${variable}`,
      rule: "says where GCS has its store, as gcsFaultTolerance does",
      got: env[variable],
      fix: "remove one of them",
    })),
    ...mounts.flatMap(({ destination }, index) =>
      destination === VOLUME || destination.startsWith(`${VOLUME}/`)
        ? [
            {
              path: `mounts.${index}.destination`,
              rule: `must not be in ${VOLUME}, where the head has its store`,
              got: destination,
            },
          ]
        : [],
    ),
  ];
}

/** Whether the tag of an image of Ray's own says a version without it; others are taken as they are. */
function isBeforeRocksDb(image: string): boolean {
  const version = /(?:^|\/)rayproject\/ray(?:-ml|-llm)?:(\d+)\.(\d+)\./.exec(image);
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major < 2 || (major === 2 && minor < 57);
}
