import type { Problem } from "../../constructs/core/problems";
import type { Fleet } from "../../model/types";
import { csiPluginsOf, pluginsOf, storageOf } from "../../model/volumes";
import type { RegionFacts } from "./report";
import type { Claim, NomadNode, PluginHealth, VolumeView } from "./types";

/** What is wrong with a region's volumes, or may be. */
export function findingsOf(facts: RegionFacts, volumes: readonly VolumeView[]): Problem[] {
  const { region } = facts;
  const found = [
    ...pluginFindings(facts),
    ...volumes.flatMap((volume) => [
      ...absence(facts, volume),
      ...strangers(facts.fleet, region, volume),
      ...state(volume, facts.nomad.nodes),
      ...stuckClaims(volume, facts),
      ...use(volume, facts),
    ]),
    ...machineFindings(facts, volumes),
  ];
  return found.map(({ path, ...problem }) => ({ path: `region ${region}: ${path}`, ...problem }));
}

function pluginFindings({ fleet, region, nomad }: RegionFacts): Problem[] {
  const known = new Map(nomad.plugins.map((plugin) => [plugin.id, plugin]));
  const absent = pluginsOf(fleet, region).flatMap(([id]) =>
    known.has(id)
      ? []
      : [{ path: `plugin ${id}`, rule: "is not in Nomad", fix: `run ./steppe apply storage-${region}` }],
  );
  const wanted = new Set(
    Object.entries(fleet.pools).flatMap(([name, pool]) =>
      pool.region === region ? (csiPluginsOf(fleet, name) ?? []) : [],
    ),
  );
  // What was taken away stays in Nomad's list until its jobs are collected.
  const hasEnded = ({ id, nodes, controllers }: PluginHealth) =>
    !wanted.has(id) && nodes.healthy === 0 && controllers.healthy === 0;
  return [
    ...absent,
    ...nomad.plugins.flatMap((plugin) => {
      if (hasEnded(plugin)) return [];
      const lack = lackOf(plugin);
      return lack === undefined
        ? []
        : [{ path: `plugin ${plugin.id}`, rule: lack, fix: `look at nomad plugin status ${plugin.id}` }];
    }),
  ];
}

function lackOf({ needsController, controllers, nodes }: PluginHealth): string | undefined {
  const lacks = [
    ...(needsController && controllers.healthy < Math.max(1, controllers.expected)
      ? [`${controllers.healthy} of ${controllers.expected} controllers`]
      : []),
    ...(nodes.healthy < nodes.expected ? [`${nodes.healthy} of ${nodes.expected} nodes`] : []),
  ];
  return lacks.length === 0 ? undefined : `is not healthy everywhere: ${lacks.join(", ")}`;
}

function absence({ region }: RegionFacts, { id, inNomad, kind }: VolumeView): Problem[] {
  if (inNomad || kind === "static-host") return [];
  return [{ path: `volume ${id}`, rule: "is not in Nomad", fix: `run ./steppe apply storage-${region}` }];
}

/** Volumes that the fleet does not have in service. */
function strangers(fleet: Fleet, region: string, { id, uuid, kind, namespace }: VolumeView): Problem[] {
  if (kind !== "csi" && kind !== "host") return [];
  const { volumes } = storageOf(fleet, region);
  const base = id.replace(/\[\d+\]$/, "");
  const own = volumes[id] ?? volumes[base];
  const why =
    own === undefined
      ? "is not in the fleet"
      : own.retired === undefined
        ? `is left over: the fleet has ${base} ${own.perAlloc === undefined ? "without" : `${own.perAlloc} times, with`} an index`
        : "is retired, and still in Nomad with its data";
  const what = `${namespaceFlag(namespace)}${kind === "host" ? `-type=host ${uuid ?? id}` : quoted(id)}`;
  const fix = [
    `nomad volume delete ${what} destroys it with its data`,
    ...(kind === "csi" ? [`nomad volume deregister ${what} lets Nomad forget it`] : []),
  ];
  return [{ path: `volume ${id}`, rule: why, fix: fix.join("; ") }];
}

function state({ id, state: now, nodes: [node] = [], uuid }: VolumeView, nodes: readonly NomadNode[]): Problem[] {
  if (now === undefined || now === "ready") return [];
  const status = nodes.find(({ name }) => name === node)?.status ?? "gone";
  return [
    {
      path: `volume ${id}`,
      rule: `is ${now}: node ${node ?? ""} is ${status}`,
      fix:
        status === "gone"
          ? `its data went with the node; nomad volume delete -type=host -force ${uuid ?? id} lets Nomad forget it`
          : `bring node ${node ?? ""} back`,
    },
  ];
}

function stuckClaims({ id, plugin, namespace, mountedBy }: VolumeView, { nomad }: RegionFacts): Problem[] {
  return mountedBy.flatMap((claim) =>
    claim.stuck === undefined
      ? []
      : [
          {
            path: `volume ${id}`,
            rule: `has a stuck claim (${claim.access ?? "use"}) of ${holderOf(claim)}: ${claim.stuck}`,
            fix: detach(id, namespace, claim, nomad.plugins.some((one) => one.id === plugin) ? plugin : undefined),
          },
        ],
  );
}

/** The second argument of `nomad volume detach` is a node, not an allocation. */
function detach(id: string, namespace: string, { nodeId }: Claim, plugin: string | undefined): string {
  const command = `nomad volume detach ${namespaceFlag(namespace)}${quoted(id)}`;
  if (nodeId !== undefined) return `${command} ${nodeId}`;
  const where = plugin === undefined ? "nomad node status" : `nomad plugin status -verbose ${plugin}`;
  return `${command} <node>; Nomad has forgotten on which node it was: ${where} lists those that it can be`;
}

function use({ id, kind, inNomad, mountedBy, meantFor }: VolumeView, { declared }: RegionFacts): Problem[] {
  if (!inNomad) return [];
  const strange = [
    ...new Set(
      mountedBy.flatMap(({ job }) =>
        job === undefined || meantFor.some((one) => one.job === job) || declared.unread.includes(job) ? [] : [job],
      ),
    ),
  ];
  if (strange.length > 0)
    return strange.map((job) => ({
      path: `volume ${id}`,
      rule: `is mounted by job ${job}, which the fleet does not let mount it`,
      fix: "find out whose job it is",
    }));
  if (mountedBy.length > 0 || meantFor.length > 0 || kind === "csi" || kind === "host") return [];
  return [
    { path: `volume ${id}`, rule: "is mounted by nothing, and no job is meant to", fix: "mount it, or retire it" },
  ];
}

/** Machines that lack a host volume which the fleet gives them. */
function machineFindings({ fleet, region, nomad }: RegionFacts, volumes: readonly VolumeView[]): Problem[] {
  const dynamic = Object.entries(storageOf(fleet, region).volumes).flatMap(([id, volume]) => {
    if (volume.kind !== "dynamic-host" || volume.retired !== undefined) return [];
    const found = volumes.filter((one) => one.kind === "dynamic-host" && one.id === id && one.inNomad).length;
    const wanted = volume.machines ?? 1;
    if (found === 0 || found >= wanted) return [];
    return [
      {
        path: `volume ${id}`,
        rule: `is on ${found} of ${wanted} machines`,
        fix: `run ./steppe apply storage-${region}`,
      },
    ];
  });
  const fixed = Object.entries(fleet.pools).flatMap(([pool, { region: home, site, hostVolumes = {}, retired }]) =>
    home !== region || retired !== undefined
      ? []
      : Object.keys(hostVolumes).flatMap((id) =>
          nomad.nodes
            .filter((node) => node.pool === pool && node.status !== "down" && !node.hostVolumes.includes(id))
            .map((node) => ({
              path: `volume ${id}`,
              rule: `is not on node ${node.name} of pool ${pool}`,
              fix: `run ./steppe apply site-${site}`,
            })),
        ),
  );
  return [...dynamic, ...fixed];
}

/** Who holds a claim, in words. Shape: `db/db[0] on node-1`. */
export function holderOf({ allocation, job, group, index, node, nodeId }: Claim): string {
  const on = node ?? nodeId?.slice(0, 8);
  const who = job === undefined ? `allocation ${allocation.slice(0, 8)}` : `${job}/${group ?? ""}[${index ?? "?"}]`;
  return on === undefined ? who : `${who} on ${on}`;
}

function namespaceFlag(namespace: string): string {
  return namespace === "default" ? "" : `-namespace=${namespace} `;
}

function quoted(id: string): string {
  return id.includes("[") ? `'${id}'` : id;
}
