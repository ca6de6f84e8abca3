import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { unmountBelow } from "../../lab/images";
import { clientConfig, serverConfig, type AgentConfig, type ClientOptions } from "./nomad-agent-config";
import { nomadApi, type NomadApi } from "./nomad-api";
import {
  agentPlace,
  endAgent,
  endLeftovers,
  isRunning,
  logTail,
  removeGroups,
  spawnAgent,
  waitFor,
  type AgentProcess,
} from "./nomad-process";
import { findTool } from "./tools";

export type { ClientOptions, FakeGpu } from "./nomad-agent-config";

/** What to start. */
export interface NomadAgentsOptions {
  /** @default found by findTool */
  readonly nomad?: string;
  /** The fake device plugin, for clients with GPUs. @default found by findTool */
  readonly fakeGpu?: string;
  readonly clients?: readonly ClientOptions[];
  /** More for the server's whole configuration, by Nomad's names; wins over the rest. */
  readonly server?: AgentConfig;
}

/** A Nomad region of one server, and clients, on this machine's loopback. */
export interface NomadAgents extends NomadApi {
  /** Node ids by client name. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Process ids: the server's first, then the clients' in their order. */
  readonly pids: readonly number[];
  /** Ends jobs and agents and leaves nothing behind. May be called again. */
  stop(): Promise<void>;
}

/** What was made so far, so that all of it can be taken away from any point on. */
interface Made {
  readonly directory: string;
  /** Group in every cgroup hierarchy; as unique as the folder. */
  readonly cgroup: string;
  readonly agents: AgentProcess[];
  api?: NomadApi;
}

/**
 * Starts real Nomad agents: one server without ACLs and TLS, and any number of clients as configured. It returns when the
 * server leads and every client is ready with its drivers and devices. Clients need root.
 *
 * @throws Error with the agents' last lines when one of them does not come up in time. Nothing is left running.
 */
export async function startNomad(options: NomadAgentsOptions = {}): Promise<NomadAgents> {
  const nomad = options.nomad ?? required("nomad");
  const directory = await mkdtemp(join(tmpdir(), "nomad-agents-"));
  const made: Made = { directory, cgroup: basename(directory), agents: [] };
  const atExit = () => made.agents.forEach(({ process }) => process.kill("SIGKILL"));
  process.once("exit", atExit);
  const stop = async () => {
    await takeAway(made);
    process.off("exit", atExit);
  };
  try {
    const api = await startServer(nomad, made, options.server);
    const nodes = await startClients(nomad, made, options);
    const pids = made.agents.map(({ process }) => process.pid ?? 0);
    return { ...api, nodes, pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The same for many agents: one now and then finds its port taken by another's connection, and all begin anew. */
export async function startBesideOthers(options: NomadAgentsOptions): Promise<NomadAgents> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startNomad(options);
    } catch (error) {
      if (attempt === 4 || !String(error).includes("address already in use")) throw error;
    }
  }
}

function required(tool: string): string {
  const path = findTool(tool);
  if (path === undefined) throw new Error(`no ${tool} on PATH or built by the lab`);
  return path;
}

async function startServer(nomad: string, made: Made, more: AgentConfig | undefined): Promise<NomadApi> {
  const place = await agentPlace(join(made.directory, "server"));
  const server = await spawnAgent(nomad, "server", place, serverConfig(place, more));
  made.agents.push(server);
  const api = nomadApi(`http://127.0.0.1:${place.ports.http}`);
  await untilUp(made, 30, "the server leads", async () => {
    const leader: unknown = await api.get("/v1/status/leader").catch(() => undefined);
    return typeof leader === "string" && leader !== "" ? leader : undefined;
  });
  made.api = api;
  return api;
}

async function startClients(
  nomad: string,
  made: Made,
  { clients = [], fakeGpu }: NomadAgentsOptions,
): Promise<Record<string, string>> {
  const [server] = made.agents;
  if (server === undefined || clients.length === 0) return {};
  const pluginDirectory = join(made.directory, "plugins");
  await mkdir(pluginDirectory);
  if (clients.some(({ gpus }) => gpus !== undefined))
    await symlink(fakeGpu ?? required("fake-gpu"), join(pluginDirectory, "fake-gpu"));
  for (const [index, client] of clients.entries()) {
    const place = await agentPlace(join(made.directory, client.name));
    const rpc = `127.0.0.1:${server.place.ports.rpc}`;
    const surroundings = { place, server: rpc, index, cgroup: made.cgroup, pluginDirectory };
    made.agents.push(await spawnAgent(nomad, client.name, place, clientConfig(client, surroundings)));
  }
  const ids = clients.map(async (client) => {
    const what = `client ${client.name} is ready, with its drivers and devices`;
    return [client.name, await untilUp(made, 60, what, async () => await readyNode(made, client))] as const;
  });
  return Object.fromEntries(await Promise.all(ids));
}

/** Waits, but not for an agent that has ended. */
async function untilUp<T>(made: Made, seconds: number, what: string, check: () => Promise<T | undefined>): Promise<T> {
  const logs = () => made.agents.map(logTail).join("\n");
  const checkWhileRunning = async () => {
    const ended = made.agents.find((agent) => !isRunning(agent));
    if (ended !== undefined) throw new Error(`agent ${ended.name} has ended before ${what}\n${logTail(ended)}`);
    return await check();
  };
  return await waitFor(seconds, what, checkWhileRunning, logs);
}

/** The parts of `/v1/nodes` and `/v1/node/<id>` that say whether a client is ready. */
interface Node {
  readonly ID: string;
  readonly Name: string;
  readonly Status: string;
  readonly Drivers: Readonly<Record<string, { readonly Detected: boolean; readonly Healthy: boolean } | undefined>>;
  readonly NodeResources: { readonly Devices: readonly { readonly Name: string }[] | null };
}

async function readyNode({ api }: Made, client: ClientOptions): Promise<string | undefined> {
  if (api === undefined) return undefined;
  const found = ((await api.get("/v1/nodes")) as Node[]).find(({ Name }) => Name === client.name);
  if (found?.Status !== "ready") return undefined;
  const node = (await api.get(`/v1/node/${found.ID}`)) as Node;
  const devices = new Set(node.NodeResources.Devices?.map(({ Name }) => Name));
  const healthy = (client.drivers ?? ["raw_exec"]).every((driver) => node.Drivers[driver]?.Healthy === true);
  return healthy && (client.gpus ?? []).every(({ name }) => devices.has(name)) ? found.ID : undefined;
}

/** Jobs first, in order: a client that ends leaves its tasks running. Whatever is left then goes by force. */
async function takeAway(made: Made): Promise<void> {
  const { directory, cgroup, agents, api } = made;
  if (api !== undefined && agents.length > 1) await stopJobs(api).catch(() => undefined);
  await Promise.all(agents.slice(1).map(endAgent));
  await Promise.all(agents.map(endAgent));
  await endLeftovers(directory, cgroup);
  await unmountBelow(directory);
  await removeGroups(cgroup);
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  agents.length = 0;
}

async function stopJobs(api: NomadApi): Promise<void> {
  const jobs = (await api.get("/v1/jobs?namespace=*")) as { ID: string; Namespace: string }[];
  for (const { ID, Namespace } of jobs) await api.remove(`/v1/job/${encodeURIComponent(ID)}?namespace=${Namespace}`);
  await waitFor(15, "every allocation has ended", async () => {
    const allocations = (await api.get("/v1/allocations?namespace=*")) as { ClientStatus: string }[];
    return allocations.every(({ ClientStatus }) => !["pending", "running"].includes(ClientStatus)) || undefined;
  });
}
