import type { DockerConfig, DriverConfig } from "./driver";
import type { Duration } from "./duration";
import type { Affinity, Constraint } from "./placement";
import type { Restart } from "./policies";
import type { Service } from "./service";

/**
 * A device of the node, for example a GPU. Its plugin sets what the task sees: never mount `/dev/nvidia*` or set
 * `NVIDIA_VISIBLE_DEVICES` beside it.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/device
 */
export interface Device {
  /** Shape: `nvidia/gpu`, `gpu`, `nvidia/gpu/NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  /** @default 1 */
  readonly count?: number;
  /** On `${device.attr.…}`, `${device.model}` …; not distinct_*. @default [] */
  readonly constraints?: readonly Constraint[];
  /** @default [] */
  readonly affinities?: readonly Affinity[];
}

/**
 * What a task reserves.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/resources
 */
export interface Resources {
  /** CPU share, MHz. Not with `cores`. @default 100 */
  readonly cpuMHz?: number;
  /** Whole cores for this task alone. @default - a share */
  readonly cores?: number;
  /** MiB (Nomad writes MB and means MiB); at least 10. @default 300 */
  readonly memoryMiB?: number;
  /** Upper bound, MiB, where the region allows oversubscription; -1 is no bound (Nomad 1.11.2). @default - `memoryMiB` */
  readonly memoryMaxMiB?: number;
  /** Size of the tmpfs for secrets, MiB (Nomad 1.11). @default - Nomad's */
  readonly secretsMiB?: number;
  /** @default [] */
  readonly devices?: readonly Device[];
}

/**
 * A file that the client renders from Nomad variables, services and the node, before and while the task runs.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/template
 */
export interface Template {
  /** Template text. Exactly one of `data` and `source`. @default - none */
  readonly data?: string;
  /** Path of a template, for example one that an artifact brought. @default - none */
  readonly source?: string;
  /** Relative to the task's directory. Shape: `local/app.conf`, `secrets/env`. */
  readonly destination: string;
  /** @default "restart" */
  readonly changeMode?: "restart" | "noop" | "signal" | "script";
  /** With `changeMode` signal. Shape: `SIGHUP`. @default - none */
  readonly changeSignal?: string;
  /** With `changeMode` script. @default - none */
  readonly changeScript?: {
    readonly command: string;
    /** @default [] */
    readonly args?: readonly string[];
    /** @default "5s" */
    readonly timeout?: Duration;
    /** @default false */
    readonly failOnError?: boolean;
  };
  /** Lines `KEY=value` of the file become environment variables. Not with `changeMode` signal. @default false */
  readonly env?: boolean;
  /** Render once, never watch (Nomad 1.10.2). @default false */
  readonly once?: boolean;
  /** Random wait before the change mode acts. @default "5s" */
  readonly splay?: Duration;
  /** Octal. @default "0644" */
  readonly perms?: string;
  /** @default - the task's user */
  readonly uid?: number;
  /** @default - the task's group */
  readonly gid?: number;
  /** @default "{{" */
  readonly leftDelimiter?: string;
  /** @default "}}" */
  readonly rightDelimiter?: string;
  /** @default false */
  readonly errorOnMissingKey?: boolean;
  /** @default - Nomad's */
  readonly wait?: {
    /** @default - Nomad's */
    readonly min?: Duration;
    /** @default - Nomad's */
    readonly max?: Duration;
  };
}

/**
 * A file or archive that the client downloads before the task starts.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/artifact
 */
export interface Artifact {
  /** go-getter URL. */
  readonly source: string;
  /** @default "local/" */
  readonly destination?: string;
  /** @default "any" */
  readonly mode?: "any" | "file" | "dir";
  /** Shape: `{ checksum: "sha256:…" }`. @default {} */
  readonly options?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Do not verify certificates. @default false */
  readonly insecure?: boolean;
  /** Give the files to the task's user. @default false */
  readonly chown?: boolean;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/volume_mount */
export interface VolumeMount {
  /** Name of a volume of the group. */
  readonly volume: string;
  /** Absolute path in the task. */
  readonly destination: string;
  /** @default false */
  readonly readOnly?: boolean;
  /** @default "private" */
  readonly propagationMode?: "private" | "host-to-task" | "bidirectional";
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/logs */
export interface Logs {
  /** @default 10 */
  readonly maxFiles?: number;
  /** MiB. All files together must fit the ephemeral disk. @default 10 */
  readonly maxFileSizeMiB?: number;
  /** @default false */
  readonly disabled?: boolean;
}

/**
 * A task that runs before, beside or after the main ones.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/lifecycle
 */
export interface Lifecycle {
  readonly hook: "prestart" | "poststart" | "poststop";
  /** Keep running beside the main tasks. Not with poststop. @default false */
  readonly sidecar?: boolean;
}

/**
 * A signed token that says which workload this is.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/identity
 */
export interface Identity {
  /** Unique in the task; `vault_<cluster>` and `consul_<cluster>` are special. @default "default" */
  readonly name?: string;
  /** Audience. Required but for the default identity. @default - none */
  readonly aud?: readonly string[];
  /** Put it into `NOMAD_TOKEN`. @default false */
  readonly env?: boolean;
  /** Write it to the secrets directory. @default false */
  readonly file?: boolean;
  /** @default - `nomad_token` in the secrets directory */
  readonly filepath?: string;
  /** @default - no end; not on the default identity */
  readonly ttl?: Duration;
  /** @default "noop" */
  readonly changeMode?: "noop" | "restart" | "signal";
  /** @default - none */
  readonly changeSignal?: string;
}

/** What a task has, whatever its driver. @see https://developer.hashicorp.com/nomad/docs/job-specification/task */
export interface TaskOptions {
  /** User that the task runs as. @default - the driver's */
  readonly user?: string;
  /** Environment. No secrets: use a Nomad variable and a template. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** When it ends, the group's other tasks end too. At most one per group. @default false */
  readonly leader?: boolean;
  /** From stop signal to kill; capped by the client's `max_kill_timeout`. @default "5s" */
  readonly killTimeout?: Duration;
  /** @default "SIGINT", "SIGTERM" for docker */
  readonly killSignal?: string;
  /** Wait between deregistering services and the stop signal. @default "0s" */
  readonly shutdownDelay?: Duration;
  /** @default - 100 MHz, 300 MiB */
  readonly resources?: Resources;
  /** @default [] */
  readonly templates?: readonly Template[];
  /** @default [] */
  readonly artifacts?: readonly Artifact[];
  /** @default [] */
  readonly volumeMounts?: readonly VolumeMount[];
  /** @default [] */
  readonly services?: readonly Service[];
  /** @default [] */
  readonly constraints?: readonly Constraint[];
  /** @default [] */
  readonly affinities?: readonly Affinity[];
  /** Merged over the group's. @default - the group's */
  readonly restart?: Restart;
  /** @default - 10 files of 10 MiB */
  readonly logs?: Logs;
  /** @default - a main task */
  readonly lifecycle?: Lifecycle;
  /** @default [] */
  readonly identities?: readonly Identity[];
}

/** One program, with its driver's own configuration. */
export type Task = TaskOptions & DriverConfig;

/** A task of the Docker driver. */
export type DockerTask = TaskOptions & { readonly driver: "docker"; readonly config: DockerConfig };

/** Tells Docker tasks from others, for the compiler too. */
export function isDockerTask(task: Task): task is DockerTask {
  return task.driver === "docker";
}
