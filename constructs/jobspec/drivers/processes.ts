import type { ExtraConfig } from "./extra";

/** Whether a task has a namespace of its own. */
export type NamespaceMode = "private" | "host";

/**
 * A process in a chroot with namespaces of its own; Linux and root only.
 *
 * @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/exec
 */
export interface ExecConfig extends ExtraConfig {
  readonly command: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default - the client's */
  readonly pidMode?: NamespaceMode;
  /** @default - the client's */
  readonly ipcMode?: NamespaceMode;
  /** @default [] */
  readonly capAdd?: readonly string[];
  /** @default [] */
  readonly capDrop?: readonly string[];
  /** @default - the task's directory */
  readonly workDir?: string;
}

/**
 * A process isolated by Landlock and cgroups, by the plugin of that name. Since Nomad 1.9.
 *
 * @see https://github.com/hashicorp/nomad-driver-exec2
 */
export interface Exec2Config extends ExtraConfig {
  readonly command: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** Paths that the task may use, with rights. Shape: `["r:/etc/mime.types", "rwxc:/srv/data"]`. @default [] */
  readonly unveil?: readonly string[];
  /** -1000 to 1000. @default 0 */
  readonly oomScoreAdj?: number;
}

/**
 * A process without any isolation, as the agent's user.
 *
 * @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/raw_exec
 */
export interface RawExecConfig extends ExtraConfig {
  readonly command: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default - the task's directory */
  readonly workDir?: string;
  /** Environment variables of the agent that the task does not get. Globs. @default [] */
  readonly deniedEnvvars?: readonly string[];
  /** -1000 to 1000. @default 0 */
  readonly oomScoreAdj?: number;
  /** cgroup by controller, instead of Nomad's. @default - Nomad's */
  readonly cgroupV1Override?: Readonly<Record<string, string>>;
  /** cgroup instead of Nomad's. @default - Nomad's */
  readonly cgroupV2Override?: string;
}

/** What Java tasks of either kind have. */
export interface JavaOptions extends ExtraConfig {
  /** Shape: `local/lib/*`. @default - none */
  readonly classPath?: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default [] */
  readonly jvmOptions?: readonly string[];
  /** @default - the client's */
  readonly pidMode?: NamespaceMode;
  /** @default - the client's */
  readonly ipcMode?: NamespaceMode;
  /** @default [] */
  readonly capAdd?: readonly string[];
  /** @default [] */
  readonly capDrop?: readonly string[];
  /** @default - the task's directory */
  readonly workDir?: string;
}

/**
 * A Java program: a jar or a class.
 *
 * @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/java
 */
export type JavaConfig = JavaOptions &
  (
    | {
        readonly jarPath: string;
        /** @default - the jar's main class */
        readonly class?: string;
      }
    | { readonly class: string; readonly jarPath?: never }
  );

/**
 * A virtual machine.
 *
 * @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/qemu
 */
export interface QemuConfig extends ExtraConfig {
  readonly imagePath: string;
  /** @default "tcg" */
  readonly accelerator?: string;
  /** @default - qemu-system-x86_64 */
  readonly emulator?: string;
  /** Shape: `q35`. @default "pc" */
  readonly machineType?: string;
  /** @default "ide" */
  readonly driveInterface?: string;
  /** @default false */
  readonly gracefulShutdown?: boolean;
  /** @default false */
  readonly guestAgent?: boolean;
  /** @default [] */
  readonly args?: readonly string[];
  /** Guest port by port label. @default {} */
  readonly portMap?: Readonly<Record<string, number>>;
}
