import type { ExtraConfig } from "./extra";

/** Whether a task has a namespace of its own. */
export type NamespaceMode = "private" | "host";

/**
 * A process in a chroot with namespaces of its own; Linux and root only.
 *
 * @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/exec
 */
export interface ExecConfig extends ExtraConfig {
  /** Program that runs. Shape: a path, or a name found in the task's PATH. */
  readonly command: string;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
  /** Process namespace: its own, or the host's. @default - the client's */
  readonly pidMode?: NamespaceMode;
  /** IPC namespace: its own, or the host's. @default - the client's */
  readonly ipcMode?: NamespaceMode;
  /** Capabilities that the task gets in addition; the client must allow them. @default [] */
  readonly capAdd?: readonly string[];
  /** Capabilities that the task loses. `["ALL"]` is a good beginning. @default [] */
  readonly capDrop?: readonly string[];
  /** Directory that the program starts in. @default - the task's directory */
  readonly workDir?: string;
}

/**
 * A process isolated by Landlock and cgroups, by the plugin of that name. Since Nomad 1.9.
 *
 * @see https://github.com/hashicorp/nomad-driver-exec2
 */
export interface Exec2Config extends ExtraConfig {
  /** Program that runs. Shape: a path, or a name found in the task's PATH. */
  readonly command: string;
  /** Arguments, one item each; no shell splits them. @default [] */
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
  /** Program that runs. Shape: a path, or a name found in the task's PATH. */
  readonly command: string;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
  /** Directory that the program starts in. @default - the task's directory */
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
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
  /** Arguments of the Java machine. Shape: `["-Xmx512m"]`. @default [] */
  readonly jvmOptions?: readonly string[];
  /** Process namespace: its own, or the host's. @default - the client's */
  readonly pidMode?: NamespaceMode;
  /** IPC namespace: its own, or the host's. @default - the client's */
  readonly ipcMode?: NamespaceMode;
  /** Capabilities that the task gets in addition; the client must allow them. @default [] */
  readonly capAdd?: readonly string[];
  /** Capabilities that the task loses. `["ALL"]` is a good beginning. @default [] */
  readonly capDrop?: readonly string[];
  /** Directory that the program starts in. @default - the task's directory */
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
        /** Path of a jar. Shape: `local/app.jar`. */
        readonly jarPath: string;
        /** Main class. @default - the jar's main class */
        readonly class?: string;
      }
    | {
        /** Main class. */
        readonly class: string;
        readonly jarPath?: never;
      }
  );

/**
 * A virtual machine.
 *
 * @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/qemu
 */
export interface QemuConfig extends ExtraConfig {
  /** Path of the disk image. Shape: `local/linux.img`. */
  readonly imagePath: string;
  /** `kvm` where the node has it. @default "tcg" */
  readonly accelerator?: string;
  /** Program that emulates the machine. @default - qemu-system-x86_64 */
  readonly emulator?: string;
  /** Shape: `q35`. @default "pc" */
  readonly machineType?: string;
  /** Bus of the disk. Shape: `virtio`. @default "ide" */
  readonly driveInterface?: string;
  /** Ask the guest to power off before it is killed. @default false */
  readonly gracefulShutdown?: boolean;
  /** Connect to the guest's agent. @default false */
  readonly guestAgent?: boolean;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
  /** Guest port by port label. @default {} */
  readonly portMap?: Readonly<Record<string, number>>;
}
