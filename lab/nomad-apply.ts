import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LabError } from "./errors";
import { operatorCommand, labSshConfig } from "./operator";
import { run, sleep } from "./run";

/** A synthesized stack, as far as this file reads it. */
export interface SynthesizedStack {
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>>;
}

export interface NomadApplyOptions {
  /** The nomad program. */
  readonly nomad: string;
  /** NOMAD_ADDR, NOMAD_TOKEN and the paths of the certificates. */
  readonly env: Readonly<Record<string, string>>;
  /** Where what was applied is written down, so that what vanishes from the data can be taken away. */
  readonly stateDirectory: string;
  /** Host name of a lab host by its address. */
  readonly hostAt: (address: string) => string | undefined;
  /** Told in lines what happens. @default - nothing is told */
  readonly progress?: (line: string) => void;
}

interface NomadResource {
  readonly type: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Kinds that this file can apply, in order of creation. */
const KINDS = ["nomad_namespace", "nomad_node_pool", "nomad_scheduler_config", "nomad_job"] as const;

/** Terraform's resource that waits: the readiness gate, and that for the success of a set-up. */
const WAIT = "terraform_data";

/** How long a job may take until it runs as it should, seconds. */
const JOB_SECONDS = 300;

/**
 * Applies a Nomad-level stack with the official nomad command from the same synthesized JSON that Terraform would get, for
 * machines where the provider cannot be had. Repeating it changes nothing; what vanished from the stack is removed.
 *
 * @throws LabError when the stack holds a kind of resource that this stand-in does not know, or nomad refuses something.
 */
export async function nomadApply(stack: SynthesizedStack, options: NomadApplyOptions): Promise<void> {
  const steps = stepsOf(stack);
  const record = join(options.stateDirectory, `${stack.name}.nomad.json`);
  const before: string[] = existsSync(record) ? (JSON.parse(readFileSync(record, "utf8")) as string[]) : [];
  const write = (keys: readonly string[]) => {
    mkdirSync(dirname(record), { recursive: true });
    writeFileSync(record, `${JSON.stringify(keys, undefined, 2)}\n`);
  };
  const now: string[] = [];
  for (const step of steps) {
    const key = keyOf(step);
    // A set-up that has succeeded stays so, as in Terraform, until what triggers it changes.
    if (!followsJob(step) || !before.includes(key)) await applyStep(step, options);
    now.push(key);
    if (followsJob(step)) write([...new Set([...before, ...now])]);
  }
  for (const gone of before.filter((key) => !now.includes(key)).reverse()) await remove(gone, options);
  write(now);
}

/** Gates before everything, then Nomad's objects in order of creation; a wait for a job after it, and what follows it later. */
export function stepsOf(stack: SynthesizedStack): NomadResource[] {
  const left = [...gatesIn(stack), ...resourcesOf(stack)];
  const done: NomadResource[] = [];
  const address = ({ type, name }: NomadResource) => `${type}.${name}`;
  while (left.length > 0) {
    const waiting = new Set(left.map(address));
    const next = left.findIndex(({ attributes }) => !dependenciesOf(attributes).some((found) => waiting.has(found)));
    done.push(...left.splice(Math.max(next, 0), 1));
  }
  return done;
}

/** Whether it waits for a job: the readiness gate does not, and waits each time. */
function followsJob({ type, attributes }: NomadResource): boolean {
  return type === WAIT && dependenciesOf(attributes).some((address) => address.startsWith("nomad_job."));
}

function dependenciesOf(attributes: NomadResource["attributes"]): readonly string[] {
  return (attributes["depends_on"] ?? []) as readonly string[];
}

/** Nomad's objects in a stack, in order of creation. */
export function resourcesOf(stack: SynthesizedStack): NomadResource[] {
  const byType = (stack.document["resource"] ?? {}) as Record<string, Record<string, Record<string, unknown>>>;
  const unknown = Object.keys(byType).filter(
    (type) => type !== "terraform_data" && !(KINDS as readonly string[]).includes(type),
  );
  if (unknown.length > 0)
    throw new LabError(`stack ${stack.name} holds ${unknown.join(", ")}, which the nomad command cannot stand in for`, [
      "put the hashicorp/nomad provider into one of Terraform's local mirror directories",
    ]);
  return KINDS.flatMap((type) =>
    Object.entries(byType[type] ?? {}).map(([name, attributes]) => ({ type, name, attributes })),
  );
}

function gatesIn(stack: SynthesizedStack): NomadResource[] {
  const byType = (stack.document["resource"] ?? {}) as Record<string, Record<string, Record<string, unknown>>>;
  return Object.entries(byType[WAIT] ?? {}).map(([name, attributes]) => ({ type: WAIT, name, attributes }));
}

interface GateCommand {
  readonly address: string;
  readonly inline: readonly string[];
}

function commandsOf({ attributes }: NomadResource): GateCommand[] {
  const provisioners = (attributes["provisioner"] ?? []) as readonly {
    readonly "remote-exec"?: { readonly connection: { readonly host: string }; readonly inline: readonly string[] };
  }[];
  return provisioners.flatMap((entry) => {
    const remote = entry["remote-exec"];
    return remote === undefined ? [] : [{ address: remote.connection.host, inline: remote.inline.map(plain) }];
  });
}

/** Text as Terraform would hand it on: template escapes undone. */
function plain(text: string): string {
  return text.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
}

/** An attribute that is text; what else it may be is not set. */
function textOf(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? plain(value) : otherwise;
}

async function passGate({ address, inline }: GateCommand, options: NomadApplyOptions): Promise<void> {
  const host = options.hostAt(address);
  if (host === undefined) throw new LabError(`no lab host has the address ${address}`);
  const [command = "", ...args] = operatorCommand(["ssh", "-F", labSshConfig(), host, "--", inline.join("\n")]);
  options.progress?.(`waiting on ${host}`);
  const { code, stdout, stderr } = await run(command, args, { allowFailure: true, env: environment(options) });
  if (code !== 0) throw new LabError(`the wait on ${host} was in vain: ${`${stdout}${stderr}`.trim()}`);
}

async function applyStep(resource: NomadResource, options: NomadApplyOptions): Promise<void> {
  if (resource.type === WAIT) {
    for (const command of commandsOf(resource)) await passGate(command, options);
    return;
  }
  const { attributes } = resource;
  const text = (key: string) => textOf(attributes[key]);
  options.progress?.(`applying ${resource.type}.${resource.name}`);
  switch (resource.type) {
    case "nomad_namespace":
      await nomad(options, ["namespace", "apply", `-description=${text("description")}`, text("name")]);
      return;
    case "nomad_node_pool":
      await nomad(options, ["node", "pool", "apply", "-json", "-"], {
        Name: text("name"),
        Description: text("description"),
      });
      return;
    case "nomad_scheduler_config":
      await nomad(options, [
        "operator",
        "scheduler",
        "set-config",
        `-scheduler-algorithm=${text("scheduler_algorithm")}`,
        `-memory-oversubscription=${String(attributes["memory_oversubscription_enabled"] === true)}`,
      ]);
      return;
    case "nomad_job":
      await applyJob(text("jobspec"), options);
  }
}

async function applyJob(jobspec: string, options: NomadApplyOptions): Promise<void> {
  const parsed = JSON.parse(jobspec) as { Job?: JobIdentity } & Partial<JobIdentity>;
  const job = parsed.Job ?? (parsed as JobIdentity);
  await nomad(options, ["job", "run", "-json", "-detach", "-"], { Job: job });
  if (job.Type !== undefined && job.Type !== "service") return;
  const deadline = Date.now() + JOB_SECONDS * 1000;
  for (;;) {
    const query = `/v1/job/${encodeURIComponent(job.ID)}/deployment?namespace=${job.Namespace ?? "default"}`;
    const answer = await nomad(options, ["operator", "api", "-X", "GET", query]);
    const deployment = JSON.parse(answer === "" ? "null" : answer) as {
      Status: string;
      StatusDescription: string;
    } | null;
    if (deployment === null || deployment.Status === "successful") return;
    if (["failed", "cancelled"].includes(deployment.Status) || Date.now() > deadline)
      throw new LabError(`job ${job.ID} is not running as it should: ${deployment.StatusDescription}`);
    await sleep(500);
  }
}

interface JobIdentity {
  readonly ID: string;
  readonly Namespace?: string;
  readonly Type?: string;
}

/** Identifies an object across runs: kind, namespace, name; a wait by what triggers it. */
function keyOf({ type, name, attributes }: NomadResource): string {
  if (type === WAIT) return `${type} ${name} ${JSON.stringify(attributes["triggers_replace"])}`;
  if (type !== "nomad_job") return `${type} - ${textOf(attributes["name"], "-")}`;
  const parsed = JSON.parse(textOf(attributes["jobspec"])) as { Job?: JobIdentity } & Partial<JobIdentity>;
  const job = parsed.Job ?? (parsed as JobIdentity);
  return `${type} ${job.Namespace ?? "default"} ${job.ID}`;
}

async function remove(key: string, options: NomadApplyOptions): Promise<void> {
  const [type, namespace = "default", name = ""] = key.split(" ");
  options.progress?.(`removing ${key}`);
  if (type === "nomad_job") await nomad(options, ["job", "stop", "-detach", "-yes", `-namespace=${namespace}`, name]);
  if (type === "nomad_namespace") await nomad(options, ["namespace", "delete", name]);
  if (type === "nomad_node_pool") await nomad(options, ["node", "pool", "delete", name]);
}

async function nomad(options: NomadApplyOptions, args: readonly string[], input?: unknown): Promise<string> {
  const [command = "", ...rest] = operatorCommand([options.nomad, ...args]);
  const { code, stdout, stderr } = await run(command, rest, {
    allowFailure: true,
    env: environment(options),
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
  });
  if (code !== 0) throw new LabError(`nomad ${args.slice(0, 3).join(" ")}: ${stderr.trim() || stdout.trim()}`);
  return stdout.trim();
}

function environment(options: NomadApplyOptions): NodeJS.ProcessEnv {
  return { ...process.env, ...options.env };
}
