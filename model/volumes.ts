import type { CsiDriver, CsiProgram, CsiRole } from "./csi-driver";
import { activeHosts } from "./names";
import type { CreatedVolume, CsiPlugin, RegionStorage, Volume, VolumeCapability } from "./volume-types";
import type { Fleet } from "./types";

/** Plugins and volumes of a region; none where the fleet says nothing. */
export function storageOf(fleet: Fleet, region: string): Required<RegionStorage> {
  const { plugins = {}, volumes = {} } = fleet.regions[region]?.storage ?? {};
  return { plugins, volumes };
}

/** Plugins in service in a region, by id. */
export function pluginsOf(fleet: Fleet, region: string): readonly (readonly [id: string, plugin: CsiPlugin])[] {
  return Object.entries(storageOf(fleet, region).plugins).filter(([, { retired }]) => retired === undefined);
}

/** A plugin of a region in service. */
export function pluginOf(fleet: Fleet, region: string, id: string): CsiPlugin | undefined {
  return pluginsOf(fleet, region).find(([name]) => name === id)?.[1];
}

/** Plugins whose node part runs on a pool's machines, by id; what the fleet's owner runs there by other means among them. */
export function csiPluginsOf(fleet: Fleet, poolName: string): readonly string[] | undefined {
  const pool = fleet.pools[poolName];
  if (pool === undefined) return undefined;
  const own = pluginsOf(fleet, pool.region).flatMap(([id, { pools }]) => (pools.includes(poolName) ? [id] : []));
  // What runs there besides is not known unless the pool says it; where the region has plugins of its own, they are all.
  if (pool.csiPlugins === undefined && Object.keys(storageOf(fleet, pool.region).plugins).length === 0)
    return undefined;
  return [...new Set([...(pool.csiPlugins ?? []), ...own])];
}

/** Drivers with a program on a pool's machines, as controller or node. */
export function driversIn(fleet: Fleet, poolName: string): readonly CsiDriver[] {
  const pool = fleet.pools[poolName];
  if (pool === undefined) return [];
  return pluginsOf(fleet, pool.region).flatMap(([, plugin]) =>
    plugin.pools.includes(poolName) || controllerPoolOf(plugin) === poolName ? [plugin.driver] : [],
  );
}

/** Programs of drivers that run on a pool's machines. */
export function csiProgramsIn(fleet: Fleet, poolName: string): readonly CsiProgram[] {
  const pool = fleet.pools[poolName];
  if (pool === undefined) return [];
  return pluginsOf(fleet, pool.region).flatMap(([, plugin]) => {
    const { monolith, node, controller } = plugin.driver.programs;
    const mounts = plugin.pools.includes(poolName) ? [monolith ?? node] : [];
    const manages = controllerPoolOf(plugin) === poolName ? [controller] : [];
    return [...mounts, ...manages].filter((program) => program !== undefined);
  });
}

/** Pool that a plugin's controllers run in; undefined where the driver has none. */
export function controllerPoolOf({ driver, controllerPool, pools }: CsiPlugin): string | undefined {
  return driver.programs.controller === undefined ? undefined : (controllerPool ?? pools[0]);
}

/** How many controllers a plugin runs. */
export function controllersOf(fleet: Fleet, plugin: CsiPlugin): number {
  const pool = fleet.pools[controllerPoolOf(plugin) ?? ""];
  if (pool === undefined) return 0;
  const hosts = pool.hosts && activeHosts(fleet.sites[pool.site], pool.hosts);
  return plugin.controllers ?? ((hosts?.length ?? pool.count ?? 1) > 1 ? 2 : 1);
}

/** The programs of a driver, each with its part. */
export function rolesOf({ programs }: CsiDriver): readonly (readonly [CsiRole, CsiProgram])[] {
  const { monolith, node, controller } = programs;
  if (monolith !== undefined) return [["monolith", monolith]];
  return [...(controller === undefined ? [] : [["controller", controller] as const]), ["node", node] as const];
}

const NFS_CAPABILITIES: readonly VolumeCapability[] = [{ accessMode: "multi-node-multi-writer" }];
const HOST_CAPABILITIES: readonly VolumeCapability[] = [{ accessMode: "single-node-multi-writer" }];

/** In which ways a volume can be used. */
export function capabilitiesOf(volume: Volume): readonly Required<VolumeCapability>[] {
  const { capabilities = volume.kind === "nfs" ? NFS_CAPABILITIES : HOST_CAPABILITIES } = volume;
  return capabilities.map(({ accessMode, attachmentMode = "file-system" }) => ({ accessMode, attachmentMode }));
}

/** Ids of a volume in Nomad: one, or one for each allocation. */
export function volumeIds(id: string, { perAlloc }: Volume): readonly string[] {
  return perAlloc === undefined ? [id] : Array.from({ length: perAlloc }, (_, index) => `${id}[${index}]`);
}

/**
 * What the storage calls a volume that is made. Drivers take a name that is there for the same volume, so that it says whose it
 * is: two regions, or two fleets, on one storage must not meet in one disk. Shape: `example-csi-eu-data-0`.
 */
export function storageName(fleet: Fleet, region: string, volumeId: string, { name }: CreatedVolume): string {
  const [, id = volumeId, index] = /^(.*)\[(\d+)\]$/.exec(volumeId) ?? [];
  return `${name ?? `${storagePrefix(fleet.name)}${region}-${id}`}${index === undefined ? "" : `-${index}`}`;
}

/** Beginning of the names of a fleet's volumes, which permissions of clouds are limited to. Shape: `example-csi-`. */
export function storagePrefix(fleet: string): string {
  return `${fleet}-csi-`;
}

/** Pools that programs of a plugin run in: those that mount, and that of the controllers. */
export function poolsOf(plugin: CsiPlugin): readonly string[] {
  const controllers = controllerPoolOf(plugin);
  return [...new Set([...plugin.pools, ...(controllers === undefined ? [] : [controllers])])];
}

/** Pools whose machines can mount a volume. */
export function poolsWith(fleet: Fleet, region: string, volume: Volume): readonly string[] {
  if (volume.kind === "dynamic-host") return [volume.pool];
  return pluginOf(fleet, region, volume.plugin)?.pools ?? [];
}

/** Whether a volume comes over NFS: a share, or anything of a plugin that mounts NFS. */
export function mountsNfs(fleet: Fleet, region: string, volume: Volume): boolean {
  if (volume.kind === "dynamic-host") return false;
  return volume.kind === "nfs" || pluginOf(fleet, region, volume.plugin)?.driver.mountsNfs === true;
}

/** Address of a volume's NFS server: that of a LAN host which the fleet names so, or what is given. */
export function nfsServerAddress(fleet: Fleet, server: string): string {
  for (const site of Object.values(fleet.sites)) {
    const host = site.platform === "onprem" ? site.lanHosts?.[server] : undefined;
    if (host !== undefined) return host.address;
  }
  return server;
}
