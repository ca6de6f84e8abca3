import { join } from "node:path";
import type { PublicTrust } from "../../model/trust";
import { cacheDirectory, type Environment, projectDirectory } from "../project";
import type { TrustSpec } from "../trust/spec";
import type { Trust } from "../trust/trust";
import type { Stack } from "./stack";

/** Another way to apply some stacks, where Terraform cannot. Only the lab has such ways. */
export interface ApplyOverride {
  matches(stack: Stack): boolean;
  apply(stack: Stack): Promise<void>;
  /** Ends the sentence "applied ...": `with the nomad command`. */
  readonly describe: string;
}

/** Where commands run. */
export interface ExecContext {
  /** Put before every command, for example `["ip", "netns", "exec", "operator"]`. It must hand on environment and input. */
  readonly prefix: readonly string[];
  /** Added to the environment of every command. */
  readonly env: Readonly<Record<string, string>>;
  /** The tailscale command of the machine that the operator works on. @default ["tailscale"] */
  readonly tailscale?: readonly string[];
  /** Environment with a credential of the coordination server's API, for who asks it. @default - the user's own */
  controlPlaneEnv?(): Promise<Readonly<Record<string, string>>>;
  /** @default [] */
  readonly overrides?: readonly ApplyOverride[];
}

/** Commands run here, as they are. */
export const plainContext: ExecContext = { prefix: [], env: {} };

/** What a run over stacks needs to know. */
export interface RunSettings {
  readonly spec: TrustSpec;
  /** Undefined where there is no trust at hand: enough for a plan. */
  readonly trust?: Trust | undefined;
  /** @default - none */
  readonly committed?: PublicTrust | undefined;
  /** @default plainContext */
  readonly context?: ExecContext;
  /** @default process.env */
  readonly env?: Environment;
  /** Directory of the checkout; logs and Terraform's working data go below it. @default - this checkout */
  readonly project?: string;
  /** Machines that take their bundle again although nothing changed, for example after being set up anew. @default [] */
  readonly redeliver?: readonly string[];
  /** Stacks at work at the same time. @default 4 */
  readonly parallel?: number;
  /** @default - nothing is reported */
  readonly progress?: Progress;
}

/** One thing that happened to one stack. */
export interface ProgressEvent {
  readonly stack: string;
  readonly kind: "waiting" | "working" | "done" | "failed" | "skipped";
  readonly text: string;
}

export type Progress = (event: ProgressEvent) => void;

/** Settings with every default filled in. */
export interface Run extends RunSettings {
  readonly context: ExecContext;
  readonly env: Environment;
  readonly project: string;
  readonly parallel: number;
  readonly progress: Progress;
  readonly logs: string;
  readonly cache: string;
  /** Terraform's own working data of a stack: providers, backend record, saved plan. */
  dataDirectory(stack: Stack): string;
}

/** Fills in the defaults. */
export function runOf(settings: RunSettings): Run {
  const project = settings.project ?? projectDirectory;
  const context = settings.context ?? plainContext;
  const env = { ...(settings.env ?? process.env), ...context.env };
  return {
    ...settings,
    context,
    env,
    project,
    parallel: settings.parallel ?? 4,
    progress: settings.progress ?? (() => undefined),
    logs: join(project, "state", "logs"),
    cache: cacheDirectory(env),
    dataDirectory: (stack) => join(project, ".terraform", stack.name),
  };
}
