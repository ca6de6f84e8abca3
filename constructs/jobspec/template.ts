import type { Duration } from "./duration";

/** A command that runs inside the task when a template changes. */
export interface ChangeScript {
  /** Program that runs. Shape: a path, or a name found in the task's PATH. */
  readonly command: string;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
  /** How long it may take. @default "5s" */
  readonly timeout?: Duration;
  /** Kill the task when the command fails. @default false */
  readonly failOnError?: boolean;
  /** Run it after the first rendering too. Since Nomad 2.0.5. @default false */
  readonly runOnFirstRender?: boolean;
}

/** How long rendering waits for values that change together. */
export interface Wait {
  /** Shortest wait. @default - the client's */
  readonly min?: Duration;
  /** Longest wait. @default - the client's */
  readonly max?: Duration;
}

/** What every template has. */
export interface TemplateOptions {
  /** Relative to the task's directory. Shape: `local/app.conf`, `secrets/env`. */
  readonly destination: string;
  /** Render once, never watch. Since Nomad 1.10.2. @default false */
  readonly once?: boolean;
  /** Random wait before the change mode acts. @default "5s" */
  readonly splay?: Duration;
  /** Octal. @default "0644" */
  readonly perms?: string;
  /** Owner. @default - the task's user */
  readonly uid?: number;
  /** Group. @default - the task's group */
  readonly gid?: number;
  /** What begins an action of the template. @default "{{" */
  readonly leftDelimiter?: string;
  /** What ends an action of the template. @default "}}" */
  readonly rightDelimiter?: string;
  /** Fail instead of writing `<no value>`. @default false */
  readonly errorOnMissingKey?: boolean;
  /** How long rendering waits for values that change together. @default - the client's */
  readonly wait?: Wait;
}

/** Template text, or the path of a template, for example one that an artifact brought. */
export type TemplateText =
  | {
      /** Template text. */
      readonly data: string;
      readonly source?: never;
    }
  | {
      /** Path of a template. */
      readonly source: string;
      readonly data?: never;
    };

/** What happens when the rendered text changes. */
export type TemplateChange =
  | {
      /** What is done to the task. @default "restart" */
      readonly changeMode?: "restart" | "noop";
      /** Lines `KEY=value` of the file become environment variables. @default false */
      readonly env?: boolean;
      readonly changeSignal?: never;
      readonly changeScript?: never;
    }
  | {
      /** What is done to the task. */
      readonly changeMode: "signal";
      /** Shape: `SIGHUP`. */
      readonly changeSignal: string;
      readonly env?: false;
      readonly changeScript?: never;
    }
  | {
      /** What is done to the task. */
      readonly changeMode: "script";
      /** Command that runs inside the task. */
      readonly changeScript: ChangeScript;
      /** Lines `KEY=value` of the file become environment variables. @default false */
      readonly env?: boolean;
      readonly changeSignal?: never;
    };

/**
 * A file that the client renders from Nomad variables, services and the node, before and while the task runs.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/template
 */
export type Template = TemplateOptions & TemplateText & TemplateChange;
