import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { LabError } from "./errors";
import { controlAddress } from "./fabric";
import { launch } from "./launcher";
import { FABRIC, labPaths, namespaceFile } from "./paths";
import { withRunnableTests } from "./policy";
import { poll, run, type RunResult } from "./run";
import { requireState } from "./state";
import { tagsOf, type LabIdentity, type LabSpec } from "./spec";
import type { Tools } from "./tools";

/** Who owns the tags in the lab's tailnet, as a policy writes it. */
export const LAB_USER = "lab@";

const CONTROL = "control";

/** Address at which machines reach the control server. Plain HTTP: the fabric is one machine's memory. */
export function controlUrl(spec: LabSpec): string {
  return `http://${controlAddress(spec)}:8080`;
}

/** Configuration of headscale. JSON is YAML. */
export function controlConfig(spec: LabSpec, folder: string): string {
  const address = controlAddress(spec);
  const config = {
    server_url: controlUrl(spec),
    listen_addr: `${address}:8080`,
    metrics_listen_addr: "127.0.0.1:9090",
    grpc_listen_addr: "127.0.0.1:50443",
    disable_check_updates: true,
    noise: { private_key_path: join(folder, "noise_private.key") },
    prefixes: { v4: "100.64.0.0/10", v6: "fd7a:115c:a1e0::/48", allocation: "sequential" },
    derp: {
      server: {
        enabled: true,
        region_id: 999,
        region_code: "lab",
        region_name: "lab",
        stun_listen_addr: `${address}:3478`,
        private_key_path: join(folder, "derp.key"),
        automatically_add_embedded_derp_region: true,
        verify_clients: true,
        ipv4: address,
      },
      urls: [],
      paths: [],
      auto_update_enabled: false,
    },
    database: { type: "sqlite", sqlite: { path: join(folder, "db.sqlite"), write_ahead_log: true } },
    policy: { mode: "database" },
    dns: {
      magic_dns: true,
      base_domain: spec.tailnetDomain,
      override_local_dns: false,
      nameservers: { global: [], split: {} },
      search_domains: [],
    },
    unix_socket: join(folder, "headscale.sock"),
    unix_socket_permission: "0700",
    ephemeral_node_inactivity_timeout: "2m",
    logtail: { enabled: false },
    log: { level: "info", format: "text" },
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Policy until the fleet's own arrives: the tags exist, and nobody reaches anybody. */
export function initialPolicy(tags: readonly string[]): string {
  return JSON.stringify({ tagOwners: Object.fromEntries(tags.map((tag) => [tag, [LAB_USER]])), acls: [] });
}

async function headscale(
  tools: Tools,
  args: readonly string[],
  allowFailure = false,
  signal?: AbortSignal,
): Promise<RunResult> {
  const config = join(labPaths().control, "config.yaml");
  return await run(tools.headscale, ["--config", config, ...args], { allowFailure, timeoutSeconds: 30, signal });
}

/** Starts the control server unless it runs, and waits until it answers. */
export async function ensureControl(spec: LabSpec, tools: Tools, signal?: AbortSignal): Promise<void> {
  const folder = labPaths().control;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A socket's path is limited to 107 characters by the kernel.
  if (join(folder, "headscale.sock").length > 107)
    throw new LabError(`the cache directory's path is too long for a socket: ${folder}`, [
      "set XDG_CACHE_HOME to a shorter path",
    ]);
  await writeFile(join(folder, "config.yaml"), controlConfig(spec, folder), { mode: 0o600 });
  const config = ["--config", join(folder, "config.yaml")];
  await launch(CONTROL, ["nsenter", `--net=${namespaceFile(FABRIC)}`, tools.headscale, ...config, "serve"]);
  const users = await poll(
    `the control server does not answer; see ${join(labPaths().logs, `${CONTROL}.log`)}`,
    30,
    async () => {
      const answer = await headscale(tools, ["users", "list", "--output", "json"], true, signal);
      return answer.code === 0 ? answer.stdout : undefined;
    },
    signal,
  );
  if (!users.includes('"lab"')) await headscale(tools, ["users", "create", "lab"], false, signal);
  const policy = await headscale(tools, ["policy", "get"], true, signal);
  if (policy.code !== 0 || !policy.stdout.includes("tagOwners")) await writePolicy(tools, initialPolicy(tagsOf(spec)));
}

async function writePolicy(tools: Tools, policy: string): Promise<void> {
  const file = join(labPaths().control, "policy.json");
  await writeFile(file, policy, { mode: 0o600 });
  const { code, stderr, stdout } = await headscale(tools, ["policy", "set", "--file", file], true);
  if (code === 0) return;
  const reason = (stderr.trim() || stdout.trim()).replace(
    /^Error: (setting ACL policy: )?(rpc error: .*? desc = )?/,
    "",
  );
  throw new LabError(`the control server refuses the policy: ${reason}`);
}

/** @returns the tailnet policy that is in force, as the control server tells it. */
export async function policy(): Promise<string> {
  return (await headscale((await requireState()).tools, ["policy", "get"])).stdout;
}

/**
 * Gives the tailnet its policy.
 *
 * Tests of tags that no machine carries yet cannot run and are left out; set the policy again when all have joined.
 *
 * @param json - policy document, in headscale's dialect; `tagOwners` should name {@link LAB_USER}.
 * @returns the tests that were left out.
 * @throws LabError with the control server's own words when it refuses, for example because a test in it fails.
 */
export async function setPolicyAndReport(json: string): Promise<readonly string[]> {
  const tags = new Set((await tailnetMachines()).flatMap((machine) => machine.tags));
  const runnable = withRunnableTests(json, tags);
  await writePolicy((await requireState()).tools, runnable.json);
  return runnable.dropped;
}

/** As {@link setPolicyAndReport}, for who does not ask what was left out. */
export async function setPolicy(json: string): Promise<void> {
  await setPolicyAndReport(json);
}

/** Makes a key per identity, reusable for 30 days, unless there is one. Files are owner-only. */
export async function ensureKeys(spec: LabSpec, tools: Tools, signal?: AbortSignal): Promise<void> {
  const folder = labPaths().keys;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const there = new Set(await readdir(folder));
  for (const identity of spec.identities.filter(({ name }) => !there.has(name))) {
    await writeFile(join(folder, identity.name), await createKey(tools, identity, signal), { mode: 0o600 });
  }
}

async function createKey(tools: Tools, identity: LabIdentity, signal?: AbortSignal): Promise<string> {
  const flags = ["--reusable", "--expiration", "720h", "--tags", identity.tags.join(","), "--output", "json"];
  if (identity.ephemeral) flags.push("--ephemeral");
  const { stdout } = await headscale(tools, ["preauthkeys", "create", "--user", "1", ...flags], false, signal);
  const { key } = JSON.parse(stdout) as { key?: string };
  if (!key) throw new LabError(`the control server made no key for ${identity.name}`);
  return key;
}

/** Makes a further key for an identity of the running lab, for example one that replaces a lost key. */
export async function authKey(identity: string): Promise<string> {
  const { spec, tools } = await requireState();
  const found = spec.identities.find(({ name }) => name === identity);
  if (!found)
    throw new LabError(`the lab has no identity ${identity}`, [
      `use one of: ${spec.identities.map(({ name }) => name).join(", ")}`,
    ]);
  return await createKey(tools, found);
}

/** A key for the control server's API; made once for the life of the lab. */
export async function controlApiKey(): Promise<string> {
  const file = join(labPaths().control, "api.key");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const { stdout } = await headscale((await requireState()).tools, ["apikeys", "create", "--expiration", "90d"]);
  const key = stdout.trim().split("\n").at(-1) ?? "";
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return key;
}

/** The key of every identity, by name. */
export function labAuthKeys(): Map<string, string> {
  const folder = labPaths().keys;
  try {
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8").trim()]));
  } catch {
    return new Map();
  }
}

/** What the control server knows of a machine. */
export interface TailnetMachine {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly tags: readonly string[];
  /** Whose it is, as a policy writes it; none for a machine with tags. Shape: `ada@`. */
  readonly user?: string;
  readonly online: boolean;
}

/** All machines that have joined the tailnet. */
export async function tailnetMachines(): Promise<TailnetMachine[]> {
  const { tools } = await requireState();
  const { stdout } = await headscale(tools, ["nodes", "list", "--output", "json"]);
  const nodes = (JSON.parse(stdout) ?? []) as {
    given_name?: string;
    ip_addresses?: string[];
    tags?: string[];
    user?: { name?: string };
    online?: boolean;
  }[];
  return nodes.map(({ given_name: name = "", ip_addresses: addresses = [], tags = [], user, online = false }) => ({
    name,
    addresses,
    tags,
    ...(tags.length === 0 && user?.name !== undefined ? { user: `${user.name}@` } : {}),
    online,
  }));
}

/** Forgets machines by name, as when a host is gone for good. */
export async function forgetMachine(name: string): Promise<void> {
  const { tools } = await requireState();
  const { stdout } = await headscale(tools, ["nodes", "list", "--output", "json"]);
  const nodes = (JSON.parse(stdout) ?? []) as { id?: number | string; given_name?: string }[];
  for (const node of nodes.filter((each) => each.given_name === name))
    await headscale(tools, ["nodes", "delete", "--identifier", String(node.id), "--force"]);
}
