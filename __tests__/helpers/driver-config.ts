import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { findTool } from "./tools";

/** A task's configuration, and what its client knows when it reads it. */
export interface DriverQuestion {
  readonly driver: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The task's environment: `{ NOMAD_PORT_http: "20000" }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** The node's properties by full name: `{ "attr.cpu.arch": "amd64" }`. */
  readonly node?: Readonly<Record<string, string>>;
}

/** What the driver gets, without what was not set; or why the client fails the task. */
export type DriverAnswer =
  | { readonly ok: true; readonly decoded: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly errors: readonly string[] };

/** One attribute or block of a driver's task configuration. */
export interface DriverOption {
  readonly name: string;
  readonly kind: "attribute" | "block" | "block_list" | "block_set" | "block_map" | "block_attrs";
  /** Of an attribute, or of every value in `block_attrs`: `list(string)`. */
  readonly type?: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly labels?: readonly string[];
  readonly options?: readonly DriverOption[];
  /** What the driver calls it where that is another name. */
  readonly field?: string;
}

/** A running `driver-config`. */
export interface DriverConfigs {
  /** Decodes a configuration as a Nomad client does. Many questions may be under way. */
  decode(question: DriverQuestion): Promise<DriverAnswer>;
  stop(): Promise<void>;
}

/** The options of every driver that `driver-config` knows. */
export function driverSchemas(program: string = found()): Readonly<Record<string, readonly DriverOption[]>> {
  return JSON.parse(execFileSync(program, ["--schema"], { encoding: "utf8", timeout: 30_000 })) as Record<
    string,
    DriverOption[]
  >;
}

/** Starts one process for many questions. */
export function startDriverConfigs(program: string = found()): DriverConfigs {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const waiting: { answer: (answer: DriverAnswer) => void; fail: (error: Error) => void }[] = [];
  let ended: Error | undefined;
  const failAll = (error: Error) => {
    ended ??= error;
    for (const { fail } of waiting.splice(0)) fail(ended);
  };
  child
    .on("error", failAll)
    .on("exit", (code) => failAll(new Error(`driver-config has ended with ${code ?? "a signal"}`)));
  child.stdin.on("error", failAll);
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.answer(JSON.parse(line) as DriverAnswer));
  return {
    decode: async (question) =>
      await new Promise((answer, fail) => {
        if (ended !== undefined) return fail(ended);
        waiting.push({ answer, fail });
        child.stdin.write(`${JSON.stringify(question)}\n`);
      }),
    stop: async () => {
      if (ended !== undefined) return;
      const end = new Promise((done) => child.once("exit", done));
      child.stdin.end();
      await end;
    },
  };
}

/**
 * Stand-ins for what a configuration refers to and every client knows: `${NOMAD_...}`, `${node...}`, `${attr...}`,
 * `${meta...}`. Other names stay unknown, as they are on a client whose task does not set them.
 */
export function standIns(config: unknown): Required<Pick<DriverQuestion, "env" | "node">> {
  const env: Record<string, string> = {};
  const node: Record<string, string> = {};
  for (const [, name = ""] of JSON.stringify(config).matchAll(/(?<!\$)\$\{\s*([\w.-]+)\s*\}/g)) {
    if (/^(node|attr|meta)\./.test(name)) node[name] = "stand-in";
    else if (name.startsWith("NOMAD_")) env[name] = name.includes("PORT") ? "20000" : "stand-in";
    // Nomad sets it for tasks that are CSI plugins.
    else if (name === "CSI_ENDPOINT") env[name] = "unix:///csi/csi.sock";
  }
  return { env, node };
}

function found(): string {
  const path = findTool("driver-config");
  if (path === undefined) throw new Error("no driver-config on PATH or built by the lab");
  return path;
}
