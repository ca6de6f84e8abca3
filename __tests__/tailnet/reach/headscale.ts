import { execFile, spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Device } from "../../../constructs/tailnet/reach/world";
import { findTool } from "../../helpers/tools";
import { waitFor } from "../../helpers/nomad-process";

const run = promisify(execFile);

/** A machine to be made, in the order of addresses. */
export interface TestMachine {
  readonly name: string;
  readonly tags?: readonly string[];
  readonly user: string;
  /** Its address follows that of the machine before; others leave one out. @default false */
  readonly isNext?: boolean;
}

/** A control server on the loopback, with users and machines that never connect. */
export interface Headscale {
  /** Address of its API. */
  readonly url: string;
  readonly devices: readonly Device[];
  /** Runs a headscale command against it and gives what it prints. */
  command(args: readonly string[]): Promise<string>;
  /** What `headscale policy check` says against a policy, or its text: undefined when it takes it. One at a time. */
  check(policy: unknown): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Starts a control server in a folder of its own. */
export async function startHeadscale(
  headscale: string,
  users: readonly string[],
  machines: readonly TestMachine[],
): Promise<Headscale> {
  const folder = await mkdtemp(join(tmpdir(), "steppe-headscale-"));
  const [http = 0, metrics = 0, grpc = 0, stun = 0] = await freePorts(4);
  const config = join(folder, "config.yaml");
  await writeFile(config, JSON.stringify(configuration(folder, { http, metrics, grpc, stun })));
  const log = openSync(join(folder, "log"), "a");
  const server = spawn(...endsWithUs(headscale, ["--config", config, "serve"]), { stdio: ["ignore", log, log] });
  closeSync(log);
  const stop = async () => {
    await end(server);
    await rm(folder, { recursive: true });
  };
  const command = async (args: readonly string[]) => (await run(headscale, ["--config", config, ...args])).stdout;
  try {
    const isUp = async () => {
      const answer = await fetch(`http://127.0.0.1:${http}/health`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    };
    await waitFor(30, "headscale answers", isUp, () => readFileSync(join(folder, "log"), "utf8").slice(-2000));
    const file = join(folder, "policy.json");
    const devices = await populate(command, file, users, machines);
    return {
      url: `http://127.0.0.1:${http}`,
      devices,
      command,
      stop,
      check: async (policy) => {
        await writeFile(file, typeof policy === "string" ? policy : JSON.stringify(policy));
        try {
          await command(["policy", "check", "--file", file]);
          return undefined;
        } catch (error) {
          return (error as { stderr?: string }).stderr ?? String(error);
        }
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ports {
  readonly http: number;
  readonly metrics: number;
  readonly grpc: number;
  readonly stun: number;
}

function configuration(folder: string, ports: Ports): unknown {
  return {
    server_url: `http://127.0.0.1:${ports.http}`,
    listen_addr: `127.0.0.1:${ports.http}`,
    metrics_listen_addr: `127.0.0.1:${ports.metrics}`,
    grpc_listen_addr: `127.0.0.1:${ports.grpc}`,
    disable_check_updates: true,
    noise: { private_key_path: join(folder, "noise.key") },
    prefixes: { v4: "100.64.0.0/10", v6: "fd7a:115c:a1e0::/48", allocation: "sequential" },
    derp: {
      server: {
        enabled: true,
        region_id: 999,
        region_code: "test",
        region_name: "test",
        stun_listen_addr: `127.0.0.1:${ports.stun}`,
        private_key_path: join(folder, "derp.key"),
        automatically_add_embedded_derp_region: true,
        ipv4: "127.0.0.1",
      },
      urls: [],
      paths: [],
      auto_update_enabled: false,
    },
    database: { type: "sqlite", sqlite: { path: join(folder, "db.sqlite") } },
    policy: { mode: "database" },
    dns: { magic_dns: false, base_domain: "test.internal", override_local_dns: false },
    unix_socket: join(folder, "socket"),
    unix_socket_permission: "0700",
    // Otherwise every change of a machine waits for others to come along.
    tuning: { batch_change_delay: "1ms", node_store_batch_size: 1, node_store_batch_timeout: "1ms" },
    logtail: { enabled: false },
    log: { level: "warn", format: "text" },
  };
}

interface Node {
  readonly id: number;
  readonly ip_addresses: readonly string[];
}

type Command = (args: readonly string[]) => Promise<string>;

/** Makes users and machines; spare ones in between, which go at the end, keep addresses from touching each other. */
async function populate(
  command: Command,
  file: string,
  users: readonly string[],
  machines: readonly TestMachine[],
): Promise<Device[]> {
  for (const name of users) await command(["users", "create", name]);
  const tags = [...new Set(machines.flatMap((machine) => machine.tags ?? []))];
  const tagOwners = Object.fromEntries(tags.map((tag) => [tag, [`${users[0]}@`]]));
  await writeFile(file, JSON.stringify({ tagOwners, acls: [] }));
  await command(["policy", "set", "--file", file]);
  const devices: Device[] = [];
  const spares: Node[] = [];
  let count = 0;
  const create = async (name: string, user: string): Promise<Node> => {
    const key = `hskey-authreq-${String((count += 1)).padStart(24, "0")}`;
    await command(["debug", "create-node", "--name", name, "--user", user, "--key", key]);
    return JSON.parse(await command(["auth", "register", "--auth-id", key, "--user", user, "-o", "json"])) as Node;
  };
  for (const { name, tags: carried, user, isNext } of machines) {
    if (isNext !== true) spares.push(await create(`spare-${spares.length}`, users[0] ?? ""));
    const { id, ip_addresses: addresses } = await create(name, user);
    if (carried !== undefined) await command(["nodes", "tag", "-i", String(id), "-t", carried.join(",")]);
    const owner = carried === undefined ? { user: `${user}@` } : { tags: carried };
    devices.push({ name, addresses, ...owner });
  }
  for (const { id } of spares) await command(["nodes", "delete", "-i", String(id), "--force"]);
  return devices;
}

/** Where it can be had: the kernel ends the server with the test that started it, even one that is killed. */
function endsWithUs(command: string, args: readonly string[]): [string, readonly string[]] {
  const setpriv = findTool("setpriv");
  return setpriv === undefined ? [command, args] : [setpriv, ["--pdeathsig", "TERM", command, ...args]];
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  const force = setTimeout(() => server.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(force);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(async (server) => await new Promise((done) => server.close(done))));
  return ports;
}
