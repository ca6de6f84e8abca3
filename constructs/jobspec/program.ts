import { isAbsolute } from "node:path/posix";
import type { Problem } from "../core/problems";
import type { DockerConfig } from "./drivers/docker";
import type { Allowance } from "./job";
import { env } from "./references";
import type { Task } from "./task";

/** The program runs in a container of Docker. */
export interface ContainerRuntime {
  /** In a container. */
  readonly kind: "container";
  /** Image with version or digest. @default - the pattern's own, pinned */
  readonly image?: string;
}

/** The program is installed on the machines of the pool: golden images, small edge nodes. */
export type InstalledRuntime = {
  /** As it is installed. */
  readonly kind: "installed";
  /** Absolute path of the program on the machine. @default - the pattern's own: where its package puts it */
  readonly command?: string;
} & (
  | {
      /** Isolates the program. @default "exec" */
      readonly driver?: "exec";
    }
  | {
      /** Does not isolate the program, for machines where `exec` cannot run. */
      readonly driver: "raw_exec";
      /** Why, in one sentence for the reviewer; `./steppe check` lists it. */
      readonly reason: string;
    }
);

/** How the program of a pattern runs. */
export type Runtime = ContainerRuntime | InstalledRuntime;

/** What a pattern says of its program. */
export interface ProgramOptions {
  /** Image with version; `runtime.image` wins. */
  readonly image: string;
  /** Absolute path where the program's package puts it; `runtime.command` wins. */
  readonly installedCommand: string;
  /** Program in the image. @default - what the image runs */
  readonly command?: string;
  /** What the image runs instead of its own entrypoint. @default - the image's */
  readonly entrypoint?: readonly string[];
  /** The same for both. @default [] */
  readonly args?: readonly string[];
  /** Only in a container, for example `ports` and `shmSize`. @default {} */
  readonly container?: Partial<DockerConfig>;
}

/** Driver and configuration of a task, to be spread into it. */
export type ProgramTask =
  Extract<Task, { driver: "docker" | "exec" | "raw_exec" }> extends infer T
    ? T extends { driver: infer D; config: infer C }
      ? { readonly driver: D; readonly config: C }
      : never
    : never;

/** What is wrong with how a program is to run; the path is that of a pattern's property `runtime`. */
export function runtimeProblems(runtime: Runtime | undefined): Problem[] {
  if (runtime?.kind !== "installed" || runtime.command === undefined || isAbsolute(runtime.command)) return [];
  const fix = "write where it is installed, such as /usr/local/bin/server";
  return [{ path: "runtime.command", rule: "must be an absolute path", got: runtime.command, fix }];
}

/**
 * A program in a container, or as it is installed on the machine, with the same arguments.
 *
 * @throws RangeError where {@link runtimeProblems} has some.
 */
export function programTask(runtime: Runtime | undefined, program: ProgramOptions): ProgramTask {
  const { image, installedCommand, command, entrypoint, args = [], container } = program;
  if (runtime?.kind !== "installed") {
    const config: DockerConfig = {
      image: runtime?.image ?? image,
      imagePullTimeout: "30m",
      ...(entrypoint === undefined ? {} : { entrypoint }),
      ...(command === undefined ? {} : { command }),
      ...(args.length === 0 ? {} : { args }),
      ...container,
    };
    return { driver: "docker", config };
  }
  const path = runtime.command ?? installedCommand;
  if (!isAbsolute(path)) throw new RangeError(`runtime.command must be an absolute path, but is ${path}`);
  return { driver: runtime.driver ?? "exec", config: { command: path, args } };
}

/** Rules that a job breaks because of how its program runs, to be put into the job's `allow`. */
export function runtimeAllowances(runtime: Runtime | undefined): readonly Allowance[] {
  if (runtime?.kind !== "installed" || runtime.driver !== "raw_exec") return [];
  return [{ rule: "raw-exec", reason: runtime.reason }];
}

/**
 * Address that a program listens on for the port with this label. In a container all of its own network; on the machine only the
 * address of the port's host network, so that the LAN does not see it.
 */
export function listenAddress(runtime: Runtime | undefined, port: string): string {
  return runtime?.kind === "installed" ? env.ip(port) : "0.0.0.0";
}
