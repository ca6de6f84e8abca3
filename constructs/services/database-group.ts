import { minutes } from "../jobspec/duration";
import type { Group } from "../jobspec/group";
import type { Job } from "../jobspec/job";
import type { Update } from "../jobspec/policies";
import { programTask, type Runtime, runtimeAllowances } from "../jobspec/program";
import { env } from "../jobspec/references";
import type { Check } from "../jobspec/check";
import type { Task } from "../jobspec/task";
import type { Template } from "../jobspec/template";
import { ownerTasks as volumeOwnerTasks, type VolumeOwner } from "../jobspec/volume-owner";
import { cutOff, type DataPlace } from "../nomad/kept-data";
import { type PatternPlace, servicePort } from "../nomad/pattern-place";
import type { DatabaseOptions } from "./database-options";

/** Group and main task of every database's job. */
export const DATABASE_GROUP = "database";
/** Where tasks see the volume with the data. */
export const DATA_DIRECTORY = "/data";
/** Where scripts are, for {@link scriptTask}. */
const SCRIPT = "local/run";
/** The task that runs after. */
const READY_TASK = "ready";

/** Whom an engine runs as. Numbers of its image are part of the data: files on a volume have them. */
export interface EngineUser extends VolumeOwner {
  /** User that its package makes on a machine. */
  readonly name: string;
}

/** `user` of a task: by number in a container, by name on the machine. */
export function userOf(runtime: Runtime | undefined, { uid, gid, name }: EngineUser): string {
  return runtime?.kind === "installed" ? name : `${uid}:${gid}`;
}

/**
 * Owner and mode of a file with a secret that the task's own user reads. On the machine the number of the user is not known, and the
 * directory `secrets` is what keeps others out.
 */
export function secretFile(
  runtime: Runtime | undefined,
  { uid, gid }: EngineUser,
): Pick<Template, "perms" | "uid" | "gid"> {
  return runtime?.kind === "installed" ? {} : { perms: "0400", uid, gid };
}

/** Driver and configuration of a task that runs a shell script of {@link scriptTemplate}. */
export function scriptTask(runtime: Runtime | undefined, image: string) {
  const shell = runtime?.kind === "installed" ? { ...runtime, command: "/bin/sh" } : runtime;
  return programTask(shell, {
    image,
    installedCommand: "/bin/sh",
    entrypoint: ["/bin/sh"],
    args: [`${env.taskDir}/run`],
  });
}

/** A shell script, with delimiters that no shell has. */
export function scriptTemplate(script: string): Template {
  return { destination: SCRIPT, data: script, perms: "0755", leftDelimiter: "[[", rightDelimiter: "]]" };
}

/** Gives the volume to the engine's user, where its container does not run as root. */
export function ownerTasks(runtime: Runtime | undefined, user: EngineUser): Readonly<Record<string, Task>> {
  return volumeOwnerTasks(runtime, user, DATA_DIRECTORY);
}

/** A task that asks the engine, with its password, until it answers. */
export interface ReadyOptions {
  readonly image: string;
  readonly user: EngineUser;
  /** Ends with 0 when the engine answered. */
  readonly script: string;
  readonly env: NonNullable<Task["env"]>;
  readonly templates: readonly Template[];
}

/** Seconds between two questions. */
const ASK_SECONDS = 5;

/**
 * Nomad's own checks know HTTP and TCP, and an open port says little: Redis opens it before its data is loaded, PostgreSQL before
 * recovery has ended. So a task of the group logs in after the start; until it has succeeded, the allocation is not healthy.
 */
export function readyTask(
  options: DatabaseOptions,
  { image, user, script, env: environment, templates }: ReadyOptions,
): Task {
  const { runtime, startMinutes = 10 } = options;
  const attempts = Math.ceil((startMinutes * 60) / ASK_SECONDS);
  return {
    ...scriptTask(runtime, image),
    user: userOf(runtime, user),
    lifecycle: { hook: "poststart" },
    restart: { attempts, delay: `${ASK_SECONDS}s`, interval: minutes(2 * startMinutes + 1), mode: "fail" },
    env: environment,
    templates: [scriptTemplate(script), ...templates],
    resources: { cpu: "50MHz", memory: "64MiB" },
  };
}

/** What differs between databases. */
export interface DatabaseParts {
  /** Label of the port that callers use. */
  readonly port: string;
  /** Further ports, for the machine alone. @default {} */
  readonly ports?: NonNullable<NonNullable<Group["network"]>["ports"]>;
  readonly check: Check & { readonly type: "http" | "tcp" };
  readonly tags: readonly string[];
  readonly task: Task;
  /** Tasks before and after it. @default {} */
  readonly more?: Readonly<Record<string, Task>>;
}

/** The job of a database: one allocation, since two would write one volume. */
export function databaseJob(options: DatabaseOptions, place: PatternPlace, data: DataPlace, parts: DatabaseParts): Job {
  const { name, namespace, service = name, startMinutes = 10, runtime } = options;
  const { port, ports = {}, check, tags, task, more = {} } = parts;
  const allow = runtimeAllowances(runtime);
  const group: Group = {
    count: 1,
    shutdownDelay: "5s",
    network: { ports: { [port]: servicePort(place, service), ...ports } },
    services: [{ name: service, port, tags, checks: [check] }],
    restart: { attempts: 3, delay: "15s", interval: minutes(startMinutes + 5), mode: "fail" },
    reschedule: { delay: "15s", delayFunction: "exponential", maxDelay: "10m", unlimited: true },
    ...(data === "anywhere" ? { disconnect: cutOff(place) } : {}),
    tasks: { ...more, [DATABASE_GROUP]: task },
  };
  return {
    id: name,
    nodePool: place.poolName,
    ...(namespace === undefined ? {} : { namespace }),
    update: replacement(startMinutes),
    groups: { [DATABASE_GROUP]: group },
    ...(allow.length === 0 ? {} : { allow }),
  };
}

/** Nomad starts an allocation only when the one that it replaces has ended; a canary would run beside it, on the same files. */
function replacement(startMinutes: number): Update {
  return {
    maxParallel: 1,
    minHealthyTime: "10s",
    healthyDeadline: minutes(startMinutes),
    progressDeadline: minutes(Math.ceil(startMinutes * 1.5)),
    autoRevert: true,
  };
}

/** The task that logs in, by its name in the group. */
export function withReady(ready: Task): Readonly<Record<string, Task>> {
  return { [READY_TASK]: ready };
}
