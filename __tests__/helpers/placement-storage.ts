import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capabilitiesOf, storageOf, volumeIds } from "../../model/volumes";
import type { Fleet } from "../../model/types";
import type { Volume } from "../../model/volume-types";
import { machines, ZONE } from "../jobspec/placement/storage-fleet";
import { type ClientOptions, type NomadAgents, startBesideOthers } from "./nomad-agents";
import { waitFor } from "./nomad-process";

const REGION = "cloud";

export interface StorageToolPaths {
  readonly nomad: string;
  readonly csiPlugin: string;
}

/** A machine of the storage fleet. */
interface Machine {
  readonly name: string;
  readonly pool: string;
  readonly zone: string;
}

const all: readonly Machine[] = Object.entries(machines).flatMap(([pool, zones]) =>
  zones.map((zone, index) => ({ name: `${pool}-${index + 1}`, pool, zone })),
);

/**
 * Starts clients like the machines of the storage fleet, and puts its volumes into Nomad: the node part of the lab's CSI plugin runs
 * behind the id of every plugin. Nothing is ever mounted.
 */
export async function startStorage(fleet: Fleet, { nomad: binary, csiPlugin }: StorageToolPaths): Promise<NomadAgents> {
  const shared = await mkdtemp(join(tmpdir(), "csi-"));
  const nomad = await startBesideOthers({
    nomad: binary,
    server: { region: REGION },
    clients: all.map((machine) => clientOf(fleet, machine)),
  });
  const stop = async () => {
    await nomad.stop();
    await rm(shared, { recursive: true });
  };
  try {
    await nomad.post("/v1/namespace/team", { Name: "team" });
    await startPlugins(nomad, fleet, [csiPlugin, shared]);
    for (const [id, volume] of Object.entries(storageOf(fleet, REGION).volumes)) await register(nomad, id, volume);
    await waitFor(60, "every host volume is ready", async () => {
      const found = (await nomad.get("/v1/volumes?type=host&namespace=*")) as readonly { readonly State: string }[];
      return found.every(({ State }) => State === "ready") || undefined;
    });
    return { ...nomad, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function clientOf(fleet: Fleet, { name, pool }: Machine): ClientOptions {
  const { hostVolumes, hardware } = fleet.pools[pool] ?? {};
  return {
    name,
    nodePool: pool,
    ...(hardware && { cpuTotalMHz: hardware.cpuMHz, memoryTotalMiB: hardware.memoryMiB }),
    hostVolumes: Object.fromEntries(
      Object.entries(hostVolumes ?? {}).map(([id, { path, readOnly = false }]) => [id, { path, readOnly }]),
    ),
    agent: { region: REGION },
  };
}

/** Runs each plugin on the machines of its pools, and waits until it answers. */
async function startPlugins(
  nomad: NomadAgents,
  fleet: Fleet,
  [command, shared]: readonly [string, string],
): Promise<void> {
  for (const [id, { pools }] of Object.entries(storageOf(fleet, REGION).plugins)) {
    const having = all.filter(({ pool }) => pools.includes(pool));
    for (const { name, pool, zone } of having) {
      const args = ["--endpoint=${CSI_ENDPOINT}", "--role=node", `--node-id=${name}`];
      const place = [`--topology=${ZONE}=${zone}`, `--directory=${shared}`];
      const task = {
        Name: "plugin",
        Driver: "raw_exec",
        Config: { command, args: [...args, ...place] },
        CSIPluginConfig: { ID: id, Type: "node", MountDir: "/csi" },
        Resources: { CPU: 50, MemoryMB: 64 },
      };
      const constraints = [{ LTarget: "${node.unique.name}", RTarget: name, Operand: "=" }];
      const group = { Name: "plugin", Constraints: constraints, Tasks: [task] };
      const job = { ID: `${id}-${name}`, Name: `${id}-${name}`, Type: "service", NodePool: pool, TaskGroups: [group] };
      await nomad.post("/v1/jobs", { Job: job });
    }
    await waitFor(60, `plugin ${id} answers on ${having.length} machines`, async () => {
      const found = (await nomad.get(`/v1/plugin/csi/${id}`).catch(() => undefined)) as
        { readonly NodesHealthy: number } | undefined;
      return found?.NodesHealthy === having.length || undefined;
    });
  }
}

async function register(nomad: NomadAgents, id: string, volume: Volume): Promise<void> {
  const { namespace: Namespace = "default" } = volume;
  const RequestedCapabilities = capabilitiesOf(volume).map(({ accessMode, attachmentMode }) => ({
    AccessMode: accessMode,
    AttachmentMode: attachmentMode,
  }));
  if (volume.kind === "dynamic-host") {
    const having = all.filter(({ pool }) => pool === volume.pool).slice(0, volume.machines ?? 1);
    for (const { name } of having) {
      const Volume = { Name: id, Namespace, PluginID: "mkdir", NodeID: nomad.nodes[name], RequestedCapabilities };
      await nomad.post("/v1/volume/host/create", { Volume });
    }
    return;
  }
  const required = (volume.kind === "nfs" ? [] : (volume.requiredTopologies ?? [])).map((Segments) => ({ Segments }));
  for (const ID of volumeIds(id, volume)) {
    const about = { ID, Name: ID, Namespace, ExternalID: ID, PluginID: volume.plugin, RequestedCapabilities };
    const RequestedTopologies = required.length === 0 ? undefined : { Required: required };
    await nomad.post("/v1/volumes", { Volumes: [{ ...about, RequestedTopologies }] });
  }
}
