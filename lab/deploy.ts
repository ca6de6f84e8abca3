import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { authoritativeRegion } from "../model/names";
import type { Fleet } from "../model/types";
import { serverAddresses } from "../ops/nomad-api";
import { projectDirectory } from "../ops/project";
import type { ApplyOverride, ExecContext, Progress as StackProgress } from "../ops/terraform/context";
import { apply } from "../ops/terraform/deploy";
import { providerAvailable } from "../ops/terraform/providers";
import type { RunResult } from "../ops/terraform/result";
import { synthesize } from "../ops/terraform/synth";
import type { Stack } from "../ops/terraform/stack";
import { publicTrustPath, recordHostKeys, readPublicTrust, writePublicTrust } from "../ops/trust/public";
import { nomadFiles } from "../ops/trust/secrets";
import { trustSpecOf } from "../ops/trust/spec";
import { findTrust, initTrust, removeTrust, type Trust, writeAuthKey } from "../ops/trust/trust";
import { controlApiKey, controlUrl, labAuthKeys, setPolicy } from "./control";
import { labSpecOf, type LabMachineHosts } from "./fleet-spec";
import { nomadApply } from "./nomad-apply";
import { labSshAgent, operatorCommand, operatorTailscaleSocket } from "./operator";
import type { Progress } from "./run";
import type { LabSpec } from "./spec";
import { assertRoot } from "./preflight";
import { labHostKeys, labState } from "./status";
import type { LabState } from "./state";
import { labUp } from "./up";

export interface DeployOptions {
  /** Name of the fleet's file, or a path to it. */
  readonly selected: string;
  readonly progress: Progress;
  /** Apply only these stacks. @default - all */
  readonly only?: readonly string[];
  /** Hosts that take their bundle again. @default [] */
  readonly redeliver?: readonly string[];
  /** Apply Nomad-level stacks with the nomad command although the provider can be had. @default false */
  readonly withoutProvider?: boolean;
  /** Hosts that are machines of their own. @default - those that are already */
  readonly machines?: LabMachineHosts;
}

/** What a deployment left. */
export interface Deployment {
  readonly result: RunResult;
  readonly stacks: readonly Stack[];
  readonly trust: Trust;
  /** How Nomad's objects were applied. */
  readonly nomadBy: "terraform" | "nomad";
}

/** Brings the lab of a fleet up, with a trust of its own and keys for every identity. */
export async function labUpWithTrust(fleet: Fleet, progress: Progress, machines: LabMachineHosts = {}): Promise<Trust> {
  assertRoot();
  const state = await labState();
  const spec = labSpecOf(fleet, { ...runningMachines(fleet, state), ...machines });
  if (state === undefined) forgetDeployment(fleet.name);
  await labUp(spec, { progress });
  return await ensureLabTrust(fleet);
}

/** What is a machine stays one, without being named again. */
function runningMachines(fleet: Fleet, state: LabState | undefined): LabMachineHosts {
  const names = Object.values(fleet.sites).flatMap((site) =>
    site.platform === "onprem" ? Object.keys(site.hosts) : [],
  );
  const machines = (state?.spec.hosts ?? []).filter(({ name }) => names.includes(name));
  return Object.fromEntries(machines.flatMap(({ name, machine }) => (machine === undefined ? [] : [[name, machine]])));
}

async function ensureLabTrust(fleet: Fleet): Promise<Trust> {
  const spec = trustSpecOf(fleet);
  const path = publicTrustPath(fleet.name);
  await initTrust(spec);
  for (const [identity, key] of labAuthKeys())
    if (spec.identities.some(({ name }) => name === identity)) writeAuthKey(spec, identity, key);
  const { trust } = await initTrust(spec);
  writePublicTrust(path, trust, spec);
  recordHostKeys(path, await labHostKeys());
  return trust;
}

/** Deploys a fleet onto the lab's hosts with Terraform, from the operator's place. */
export async function labDeploy(fleet: Fleet, options: DeployOptions): Promise<Deployment> {
  const trust = await labUpWithTrust(fleet, options.progress, options.machines);
  const stacks = await synthesize(options.selected);
  const provider = options.withoutProvider === true ? undefined : await providerAvailable("hashicorp/nomad");
  const spec = labSpecOf(fleet);
  const committed = readPublicTrust(publicTrustPath(fleet.name));
  const chosen = options.only === undefined ? stacks : stacks.filter(({ name }) => options.only?.includes(name));
  const result = await apply(chosen, {
    spec: trustSpecOf(fleet),
    trust,
    committed,
    allStacks: stacks,
    redeliver: options.redeliver ?? [],
    context: await labContext(spec, trust, provider !== undefined, options.progress),
    progress: lines(options.progress),
  });
  return { result, stacks, trust, nomadBy: provider === undefined ? "nomad" : "terraform" };
}

/** Commands run in the operator's place; what Terraform cannot apply in a lab is applied otherwise. */
export async function labContext(
  spec: LabSpec,
  trust: Trust,
  nomadProvider: boolean,
  progress: Progress,
): Promise<ExecContext> {
  const overrides = [tailnetOverride(), ...(nomadProvider ? [] : [await nomadOverride(spec, trust, progress)])];
  const tools = (await labState())?.tools;
  const terraform = process.env["STEPPE_TERRAFORM"] ?? tools?.terraform;
  return {
    prefix: operatorCommand([]),
    env: { SSH_AUTH_SOCK: labSshAgent(), ...(terraform === undefined ? {} : { STEPPE_TERRAFORM: terraform }) },
    ...(tools !== undefined && { tailscale: [tools.tailscale, `--socket=${operatorTailscaleSocket()}`] }),
    controlPlaneEnv: async () => ({ HEADSCALE_URL: controlUrl(spec), HEADSCALE_API_KEY: await controlApiKey() }),
    overrides,
  };
}

/** What a shell in the operator's place needs so that nomad, tailscale and ssh work: the lab's own tools and trust. */
export async function operatorEnvironment(fleet: Fleet): Promise<Record<string, string>> {
  const state = await labState();
  if (state === undefined) return {};
  const { nomad, tailscale } = state.tools;
  const path = [dirname(nomad), dirname(tailscale), process.env["PATH"] ?? ""].join(":");
  const trust = findTrust(fleet.name);
  if (trust === undefined) return { PATH: path, SSH_AUTH_SOCK: labSshAgent() };
  const files = nomadFiles(trust);
  const [address = ""] = serverAddresses(trustSpecOf(fleet), authoritativeRegion(fleet));
  return {
    PATH: path,
    SSH_AUTH_SOCK: labSshAgent(),
    NOMAD_ADDR: process.env["NOMAD_ADDR"] ?? address,
    NOMAD_CACERT: files.ca,
    NOMAD_CLIENT_CERT: files.certificate,
    NOMAD_CLIENT_KEY: files.key,
    NOMAD_TOKEN: trust.managementToken ?? "",
  };
}

/** The Tailscale provider cannot talk to headscale: the same policy document goes to it by its own command. */
function tailnetOverride(): ApplyOverride {
  return {
    describe: "with the headscale command",
    matches: (stack) => policyOf(stack) !== undefined,
    apply: async (stack) => await setPolicy(policyOf(stack) ?? ""),
  };
}

function policyOf(stack: Stack): string | undefined {
  const resources = stack.document["resource"] as Record<string, Record<string, { acl?: string }>> | undefined;
  const [policy] = Object.values(resources?.["tailscale_acl"] ?? {});
  return policy?.acl?.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
}

async function nomadOverride(spec: LabSpec, trust: Trust, progress: Progress): Promise<ApplyOverride> {
  const state = await labState();
  const files = nomadFiles(trust);
  const hostAt = (address: string) => spec.hosts.find((host) => host.address === address)?.name;
  return {
    describe: "with the nomad command",
    matches: (stack) => stack.nomadRegion !== undefined,
    apply: async (stack) => {
      const [server] = spec.hosts.filter(({ name }) => addressOf(stack)?.startsWith(`https://${name}.`));
      await nomadApply(stack, {
        nomad: state?.tools.nomad ?? "nomad",
        env: {
          SSH_AUTH_SOCK: labSshAgent(),
          NOMAD_ADDR: `https://${server?.name ?? ""}.${spec.tailnetDomain}:4646`,
          NOMAD_REGION: stack.nomadRegion ?? "",
          NOMAD_CACERT: files.ca,
          NOMAD_CLIENT_CERT: files.certificate,
          NOMAD_CLIENT_KEY: files.key,
          NOMAD_TOKEN: trust.managementToken ?? "",
        },
        stateDirectory: join(projectDirectory, "state"),
        hostAt,
        progress: (line) => progress(`${stack.name}: ${line}`),
      });
    },
  };
}

function addressOf(stack: Stack): string | undefined {
  const variables = stack.document["variable"] as Record<string, { default?: string }> | undefined;
  return variables?.["nomad_address"]?.default;
}

function lines(progress: Progress): StackProgress {
  return ({ stack, kind, text }) =>
    progress(`${stack === "" ? "" : `${stack}: `}${kind === "working" ? "" : `${kind}: `}${text}`);
}

/**
 * Forgets state and trust of a lab that is gone: its machines no longer exist, so that state describes nothing and trust is
 * known to nobody.
 */
export function forgetDeployment(fleet: string): void {
  const state = join(projectDirectory, "state");
  const kinds = new RegExp(`^${fleet}-(tailnet|control|(site|storage|jobs)-.+)\\.(tfstate(\\.backup)?|nomad\\.json)$`);
  for (const file of existsSync(state) ? readdirSync(state) : [])
    if (kinds.test(file)) rmSync(join(state, file), { force: true });
  rmSync(publicTrustPath(fleet), { force: true });
  removeTrust(fleet);
}
