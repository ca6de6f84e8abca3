/*
 * The floor: a plain Node program without CDKTF that builds the objects of the generated fleet and writes the bytes that
 * Steppe writes, with JSON.stringify. What Steppe costs is told against this. It takes the texts of machines and of the
 * tailnet policy from the same pure functions; everything else is written out here. It validates nothing.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { clientBundle, type MachineBundle, serverBundle } from "../constructs/machine/bundle";
import { policyText } from "../constructs/tailnet/policy-text";
import { secretsVariable } from "../model/identities";
import { fleet, type GeneratedJob, jobsOf } from "./model";

type Json = Readonly<Record<string, unknown>>;

const outdir = process.env["CDKTF_OUTDIR"] ?? "cdktf.out";
const VERSION = "0.21.0";
const SECOND = 1e9;
const regions = Object.keys(fleet.regions);
const manifest: Record<string, unknown> = {};
mkdirSync(`${outdir}/stacks`, { recursive: true });

/** CDKTF's id of a nested construct: readable parts, then a hash of the whole path. */
function uniqueId(...path: readonly string[]): string {
  const hash = createHash("md5").update(path.join("/")).digest("hex").slice(0, 8).toUpperCase();
  return `${path.filter((part) => part !== "Resource").join("_")}_${hash}`;
}

const escape = (text: string) => text.replaceAll("${", () => "$${").replaceAll("%{", "%%{");
const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);
const sorted = (entries: readonly (readonly [string, unknown])[]): Json =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** A resource as [id, attributes]. */
function resource(stack: string, path: readonly string[], before: Json, after: Json = {}): [string, Json] {
  const parts = path.filter((part) => part !== "Default");
  const id = parts.length === 1 ? (parts[0] ?? "") : uniqueId(...path);
  return [id, { "//": { metadata: { path: [stack, ...path].join("/"), uniqueId: id } }, ...before, ...after }];
}

function write(stack: string, dependencies: readonly string[], content: Json & { providers?: Json }): void {
  const { provider, removed, resource: resources, variable, providers } = content;
  const metadata = { backend: "local", overrides: { stack: ["terraform"] }, stackName: stack, version: VERSION };
  const terraform = {
    backend: { local: { path: `../../../state/${stack}.tfstate` } },
    required_providers: providers,
    required_version: ">= 1.11.0",
  };
  const document = { "//": { metadata, outputs: {} }, provider, removed, resource: resources, terraform, variable };
  mkdirSync(`${outdir}/stacks/${stack}`, { recursive: true });
  writeFileSync(`${outdir}/stacks/${stack}/cdk.tf.json`, JSON.stringify(document, null, 2));
  manifest[stack] = {
    annotations: [],
    constructPath: stack,
    dependencies,
    name: stack,
    stackMetadataPath: `stacks/${stack}/metadata.json`,
    synthesizedStackPath: `stacks/${stack}/cdk.tf.json`,
    workingDirectory: `stacks/${stack}`,
  };
}

function connection(host: string, site: string): Json {
  const machines = fleet.sites[site];
  const address = machines?.platform === "onprem" ? machines.hosts[host]?.address : undefined;
  return {
    agent: "true",
    host: address,
    host_key: "ssh-ed25519 unknown",
    port: 22,
    timeout: "2m",
    type: "ssh",
    user: "root",
  };
}

const GATE = ["terraform_data.ReadinessGate_27F9FC7D"];

/** A stack over the Nomad provider: gate, provider and address, around what it is for. */
function writeNomadStack(
  stack: string,
  dependencies: readonly string[],
  region: string,
  own: Json,
  replicated: readonly string[] = [],
): void {
  const words = ["region", "300", ...replicated].join(" ");
  const gate = resource(stack, ["ReadinessGate", "Resource"], {
    depends_on: [],
    provisioner: [
      {
        "remote-exec": {
          connection: connection(`${region}-server`, `site-${region.slice(1)}`),
          inline: [
            `echo 'waiting up to 300 s for: ${words}'`,
            `$([ "$(id -u)" = 0 ] || echo sudo) timeout 315 /usr/local/lib/steppe/gate ${words}`,
          ],
        },
      },
    ],
    triggers_replace: [region, ...replicated],
  });
  write(stack, dependencies, {
    provider: { nomad: [{ address: "${var.nomad_address}", region }] },
    resource: { ...own, terraform_data: Object.fromEntries([gate]) },
    providers: { nomad: { source: "registry.terraform.io/hashicorp/nomad", version: "2.5.2" } },
    variable: {
      nomad_address: {
        default: `https://${region}-server.${fleet.tailnet.domain}:4646`,
        description: `Address of the Nomad API of region ${region}: any healthy server`,
        nullable: false,
        type: "string",
      },
    },
  });
}

function job(region: string, { id, nodePool, count, team, index, image }: GeneratedJob): string {
  const task = {
    Config: { args: ["--port", "${NOMAD_PORT_http}"], image, ports: ["http"] },
    Driver: "docker",
    Env: { ALLOC: "${NOMAD_ALLOC_ID}", INDEX: String(index), REGION: region },
    Name: "app",
    Resources: { CPU: 500, Devices: [{ Count: 1, Name: "nvidia/gpu" }], MemoryMB: 1024 },
  };
  const check = { Interval: 10 * SECOND, Path: "/health", Timeout: 2 * SECOND, Type: "http" };
  const group = {
    Count: count,
    Name: "main",
    Networks: [{ DynamicPorts: [{ Label: "http", To: 8080 }] }],
    RestartPolicy: { Attempts: 2, Delay: 15 * SECOND, Interval: 600 * SECOND, Mode: "fail" },
    Services: [{ Checks: [check], Name: "inference", PortLabel: "http", Provider: "nomad", Tags: [team] }],
    ShutdownDelay: 5 * SECOND,
    Tasks: [task],
  };
  const spec = {
    Constraints: [{ LTarget: "${attr.kernel.name}", Operand: "=", RTarget: "linux" }],
    ID: id,
    Meta: { team },
    Name: id,
    NodePool: nodePool,
    Region: region,
    TaskGroups: [group],
    Type: "service",
    Update: { HealthyDeadline: 180 * SECOND, MaxParallel: 1, MinHealthyTime: 10 * SECOND },
  };
  return escape(JSON.stringify(spec));
}

function writeTailnet(): void {
  const stack = "bench-tailnet";
  const acl = escape(policyText(fleet));
  const unmanaged = ["Nameservers", "SearchPaths", "Configuration"].map((part) => {
    const type = `tailscale_dns${part.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return { from: `${type}.${uniqueId("Dns", part)}`, lifecycle: { destroy: false } };
  });
  write(stack, [], {
    provider: { tailscale: [{}] },
    removed: unmanaged,
    resource: {
      tailscale_acl: Object.fromEntries([resource(stack, ["Policy", "Default"], { acl })]),
      tailscale_dns_preferences: Object.fromEntries([resource(stack, ["Dns", "Preferences"], { magic_dns: true })]),
    },
    providers: { tailscale: { source: "registry.terraform.io/tailscale/tailscale", version: "0.29.2" } },
  });
}

function writeSite(site: string): void {
  const stack = `bench-site-${site}`;
  const region = `r${site.slice(5)}`;
  const asRoot = '$([ "$(id -u)" = 0 ] || echo sudo) ';
  const incoming = "/run/steppe/incoming";
  const pools = Object.keys(fleet.pools).filter((name) => fleet.pools[name]?.site === site);
  const machines: readonly (readonly [string, MachineBundle])[] = [
    [`${region}-server`, serverBundle(fleet, region)],
    ...pools.map((name) => [fleet.pools[name]?.hosts?.[0] ?? "", clientBundle(fleet, name)] as const),
  ];
  const secrets = resource(stack, ["Machines", "Secrets"], {
    lifecycle: {
      precondition: machines.map(([, { identity }]) => ({
        condition: `\${terraform.applying ? !contains(["", "placeholder"], var.${secretsVariable(identity)}) : true}`,
        error_message: `the secrets of ${identity.name} are missing: run \`eval "$(./steppe env)"\` first, or apply with ./steppe apply`,
      })),
    },
    triggers_replace: [...machines.map(([, { script }]) => digest(script)), "generation 0"],
  });
  const resources = machines.flatMap(([host, { identity, files, script }]) => {
    const ssh = connection(host, site);
    const run = (line: string) => ({ "remote-exec": { connection: ssh, inline: [line] } });
    const upload = (name: string, content: string) => ({
      file: { connection: ssh, content, destination: `${incoming}/${name}` },
    });
    const input = { address: ssh["host"], host, identity: identity.name };
    const machine = resource(stack, ["Machines", host, "Machine"], {
      depends_on: [`terraform_data.${secrets[0]}`],
      input,
    });
    const delivery = resource(stack, ["Machines", host, "Delivery"], {
      depends_on: [`terraform_data.${machine[0]}`, `terraform_data.${secrets[0]}`],
      provisioner: [
        run(`${asRoot}install -d -m 0755 /run/steppe && ${asRoot}install -d -m 0700 -o "$(id -un)" ${incoming}`),
        upload("secrets", `\${var.${secretsVariable(identity)}}`),
        upload("bundle", escape(script)),
        run(`${asRoot}sh ${incoming}/bundle ${host} last`),
      ],
      triggers_replace: sorted([
        ...files.map((file) => [file.path, digest(JSON.stringify(file))] as const),
        ["bundle", digest(script)],
        ["host", host],
        ["trust", "generation 0"],
      ]),
    });
    return [machine, delivery];
  });
  const variables = machines.map(([, { identity }]) => {
    const description = `Secrets of ${identity.name}; from ./steppe env`;
    return [secretsVariable(identity), { default: "", description, ephemeral: true, type: "string" }] as const;
  });
  write(stack, ["bench-tailnet"], {
    resource: { terraform_data: sorted([...resources, secrets]) },
    variable: sorted(variables),
  });
}

function writeControl(): void {
  const stack = "bench-control";
  const pools = Object.keys(fleet.pools).map((name) =>
    resource(stack, [`node-pool-${name}`, "Resource"], { depends_on: GATE, name }),
  );
  writeNomadStack(stack, ["bench-site-site-0"], "r0", { nomad_node_pool: sorted(pools) });
}

function writeStorage(region: string): void {
  const stack = `bench-storage-${region}`;
  const scheduler = resource(stack, ["Scheduler", "Resource"], {
    depends_on: GATE,
    memory_oversubscription_enabled: false,
    preemption_config: {
      batch_scheduler_enabled: false,
      service_scheduler_enabled: false,
      sysbatch_scheduler_enabled: false,
      system_scheduler_enabled: true,
    },
    scheduler_algorithm: "binpack",
  });
  const home = region === "r0" ? [] : [`bench-site-site-${region.slice(1)}`];
  writeNomadStack(stack, ["bench-control", ...home], region, {
    nomad_scheduler_config: Object.fromEntries([scheduler]),
  });
}

function writeJobs(region: string): void {
  const stack = `bench-jobs-${region}`;
  const jobs = jobsOf(region).map((data) =>
    resource(stack, [data.id, "Resource"], { depends_on: GATE, jobspec: job(region, data), json: true }),
  );
  const pools = Object.keys(fleet.pools).filter((name) => fleet.pools[name]?.region === region);
  writeNomadStack(
    stack,
    [`bench-storage-${region}`],
    region,
    jobs.length === 0 ? {} : { nomad_job: sorted(jobs) },
    pools.map((name) => `node-pool/${name}`),
  );
}

writeTailnet();
for (const site of Object.keys(fleet.sites)) writeSite(site);
writeControl();
regions.forEach(writeStorage);
regions.forEach(writeJobs);
writeFileSync(
  `${outdir}/manifest.json`,
  JSON.stringify({ stacks: sorted(Object.entries(manifest)), version: VERSION }, null, 2),
);
writeFileSync(`${outdir}/fleet.json`, `${JSON.stringify(fleet, undefined, 2)}\n`);
