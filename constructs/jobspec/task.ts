import type { DriverConfig } from "./driver";
import type { DockerConfig } from "./drivers/docker";
import type { Duration } from "./duration";
import type { Affinity, TaskConstraint } from "./placement";
import type { Restart } from "./policies";
import type { Resources } from "./resources";
import type { Service } from "./service";
import type { Size } from "./size";
import type { Template } from "./template";
import type { VolumeMount } from "./volume";
import type { Action, Consul, Identity, Secret, Vault } from "./workload";

/**
 * A file or archive that the client downloads before the task starts.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/artifact
 */
export interface Artifact {
  /** go-getter URL. */
  readonly source: string;
  /** Relative to the task's directory. @default "local/" */
  readonly destination?: string;
  /** What the source is: archives are unpacked with `any`, kept with `file`; a tree is fetched with `dir`. @default "any" */
  readonly mode?: "any" | "file" | "dir";
  /** Shape: `{ checksum: "sha256:…" }`. @default {} */
  readonly options?: Readonly<Record<string, string>>;
  /** Headers of HTTP. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Do not verify certificates. Since Nomad 1.7. @default false */
  readonly insecure?: boolean;
  /** Give the files to the task's user. Since Nomad 1.8. @default false */
  readonly chown?: boolean;
}

/** What becomes of a task's output. @see https://developer.hashicorp.com/nomad/docs/job-specification/logs */
export interface Logs {
  /** Files that are kept of each of stdout and stderr. @default 10 */
  readonly maxFiles?: number;
  /** All files together must fit the ephemeral disk. @default "10MiB" */
  readonly maxFileSize?: Size;
  /** Collect nothing. Since Nomad 1.6. @default false */
  readonly disabled?: boolean;
}

/**
 * Makes a task run before, beside or after the main ones.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/lifecycle
 */
export type Lifecycle =
  | {
      /** When the task runs. */
      readonly hook: "prestart" | "poststart";
      /** Keep running beside the main tasks. @default false */
      readonly sidecar?: boolean;
    }
  | {
      /** When the task runs. */
      readonly hook: "poststop";
      readonly sidecar?: false;
    };

/**
 * Writes the payload of a dispatch into a file. Parameterized jobs only.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/dispatch_payload
 */
export interface DispatchPayload {
  /** Relative to the task's `local` directory. */
  readonly file: string;
}

/**
 * Says that the task is a CSI plugin.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/csi_plugin
 */
export interface CsiPlugin {
  /** Id that volumes name. */
  readonly id: string;
  /** What the plugin does: mounting on nodes, managing volumes, or both. */
  readonly type: "node" | "controller" | "monolith";
  /** Directory in the task that the plugin's socket is in. @default "/csi" */
  readonly mountDir?: string;
  /** Where volumes are staged; not inside `mountDir`. @default "/local/csi" */
  readonly stagePublishBaseDir?: string;
  /** How long the plugin may take to become healthy. @default "30s" */
  readonly healthTimeout?: Duration;
}

/** What a task has, whatever its driver. @see https://developer.hashicorp.com/nomad/docs/job-specification/task */
export interface TaskOptions {
  /** User that the task runs as. @default - the driver's */
  readonly user?: string;
  /** Environment. No secrets: use a Nomad variable and a template. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Tasks see it as `NOMAD_META_<key>`. @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** When it ends, the group's other tasks end too. At most one per group. @default false */
  readonly leader?: boolean;
  /** From stop signal to kill; capped by the client's `max_kill_timeout`. @default "5s" */
  readonly killTimeout?: Duration;
  /** Signal that asks the task to stop. @default "SIGINT", "SIGTERM" for docker */
  readonly killSignal?: string;
  /** Wait between deregistering services and the stop signal. @default "0s" */
  readonly shutdownDelay?: Duration;
  /** Internal mark of tasks that Nomad makes itself. Shape: `connect-proxy:web`. @default - none */
  readonly kind?: string;
  /** What the task reserves. @default - 100 MHz, 300 MiB */
  readonly resources?: Resources;
  /** Files that the client renders. @default [] */
  readonly templates?: readonly Template[];
  /** Files that the client downloads first. @default [] */
  readonly artifacts?: readonly Artifact[];
  /** Volumes of the group that the task sees. @default [] */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Services of this task; those of the group are more common. @default [] */
  readonly services?: readonly Service[];
  /** Rules that a node must keep. @default [] */
  readonly constraints?: readonly TaskConstraint[];
  /** Wishes about nodes. @default [] */
  readonly affinities?: readonly Affinity[];
  /** Merged over the group's. @default - the group's */
  readonly restart?: Restart;
  /** What becomes of the output. @default - 10 files of 10 MiB */
  readonly logs?: Logs;
  /** When the task runs, beside the main ones. @default - a main task */
  readonly lifecycle?: Lifecycle;
  /** Signed tokens that say which workload this is. @default [] */
  readonly identities?: readonly Identity[];
  /** Vault token for the task. @default - the group's */
  readonly vault?: Vault;
  /** Where in Consul its services and keys are. @default - the group's */
  readonly consul?: Consul;
  /** Fetched before the task starts; by name, unique in the task. Since Nomad 1.11. @default {} */
  readonly secrets?: Readonly<Record<string, Secret>>;
  /** Commands for operators; by name, unique in the task. Since Nomad 1.7. @default {} */
  readonly actions?: Readonly<Record<string, Action>>;
  /** Where the payload of a dispatch goes. @default - none */
  readonly dispatchPayload?: DispatchPayload;
  /** Makes the task a CSI plugin. @default - no plugin */
  readonly csiPlugin?: CsiPlugin;
}

/** One program, with its driver's own configuration. */
export type Task = TaskOptions & DriverConfig;

/** A task of the Docker driver. */
export type DockerTask = TaskOptions & {
  /** What runs the task. */
  readonly driver: "docker"; /** Settings of the driver. */
  readonly config: DockerConfig;
};

/** Tells Docker tasks from others, for the compiler too. */
export function isDockerTask(task: Task): task is DockerTask {
  return task.driver === "docker";
}
