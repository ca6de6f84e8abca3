import type { Fleet } from "../../../model/types";
import { poolZones } from "../../../model/names";
import type { CreatedVolume, RegisteredVolume } from "../../../model/volume-types";
import { csiPluginsOf, pluginOf } from "../../../model/volumes";
import type { Problem } from "../../core/problems";
import type { Group } from "../group";
import type { Job } from "../job";
import { type Ask, askOf } from "../mounts/ask";
import { findVolume, type FoundVolume } from "../mounts/found";
import {
  allocationsProblem,
  capabilityProblem,
  namespaceProblem,
  perAllocProblem,
  reachOf,
  readsOnlyProblem,
} from "../mounts/offer";
import { oneOf } from "../rules/discovery";
import { isLiteral } from "../rules/report";
import type { CsiVolume, HostVolume } from "../volume";
import type { Findings } from "./findings";
import type { PoolFacts } from "./pool-facts";

/** A group in a pool, and what it finds there. */
interface Place {
  readonly findings: Findings;
  readonly facts: PoolFacts;
  readonly fleet: Fleet;
  readonly job: Job;
}

/** Checks a group's volumes: host volumes first, as Nomad does. */
export function checkVolumes(place: Place, path: string, groupName: string, group: Group): void {
  if (group.volumes === undefined) return;
  const volumes = Object.entries(group.volumes);
  for (const [name, volume] of volumes) {
    if (volume.type !== "host") continue;
    const at = `${path}.volumes.${name}`;
    checkHostVolume(place, at, volume, () => askOf(at, volume, place.job, groupName, group, place.fleet));
  }
  for (const [name, volume] of volumes) {
    if (volume.type !== "csi") continue;
    const at = `${path}.volumes.${name}`;
    checkCsiVolume(place, at, volume, () => askOf(at, volume, place.job, groupName, group, place.fleet));
  }
}

function checkHostVolume(place: Place, path: string, volume: HostVolume, ask: () => Ask): void {
  const { findings, facts, fleet } = place;
  const { name, pool } = facts;
  const source = `${path}.source`;
  const found = Object.hasOwn(pool.hostVolumes ?? {}, volume.source) ? pool.hostVolumes?.[volume.source] : undefined;
  const known = found === undefined ? findVolume(fleet, pool.region, volume.source) : undefined;
  const isElsewhere = pool.dynamicHostVolumes?.includes(volume.source) === true;
  if (known !== undefined && isLiteral(volume.source) && !isElsewhere) {
    checkDynamicVolume(place, path, volume, known, ask());
    return;
  }
  const isDynamic = volume.perAlloc === true || volume.sticky === true || isElsewhere;
  if (!isLiteral(volume.source) || volume.perAlloc === true || (found === undefined && isDynamic)) {
    findings.doubt({
      check: "hostVolume",
      path: source,
      unknown: `whether pool ${name} has a free volume ${volume.source}`,
    });
    return;
  }
  const what = ["hostVolume", "hostVolume", `host volume ${volume.source}`] as const;
  if (found === undefined) {
    const add = `add \`${key(volume.source)}: { path: "…" }\` to pools.${name}.hostVolumes`;
    const fix = oneOf(Object.keys(pool.hostVolumes ?? {}), add);
    findings.failAt(what, source, `must be a host volume of pool ${name}`, volume.source, fix);
  } else if (volume.sticky === true) {
    // The scheduler lets it pass, and then cannot write down the claim: the job never runs.
    const rule = `must not be true: ${volume.source} of pool ${name} is the same directory on every machine, no dynamic volume`;
    findings.failAt(what, `${path}.sticky`, rule, true, "remove sticky");
  } else if (found.readOnly === true && volume.readOnly !== true) {
    const rule = `must be true: pool ${name} offers ${volume.source} read-only`;
    findings.failAt(what, `${path}.readOnly`, rule, volume.readOnly, "add readOnly: true");
  }
}

/** A volume that Nomad makes on so many machines of a pool, or a CSI volume that is asked for as one. */
function checkDynamicVolume(place: Place, path: string, volume: HostVolume, known: FoundVolume, ask: Ask): void {
  const { findings, facts, job } = place;
  const { where, volume: data } = known;
  const short = `host volume ${volume.source}`;
  const fail = (problem: Problem | undefined) => {
    if (problem !== undefined) findings.fail({ ...problem, check: "hostVolume", kind: "hostVolume", short });
  };
  if (data.kind !== "dynamic-host") {
    fail({
      path: `${path}.type`,
      rule: `must be csi: ${where} is a CSI volume`,
      got: "host",
      fix: 'write type: "csi"',
    });
    return;
  }
  if (data.retired !== undefined) {
    findings.doubt({ check: "hostVolume", path: `${path}.source`, unknown: `whether ${volume.source} is still there` });
    return;
  }
  if (data.pool !== facts.name) {
    fail({ path: `${path}.source`, ...reachOf(facts.pool.region, known, facts.name), got: volume.source });
    return;
  }
  fail(perAllocProblem(known, ask));
  fail(namespaceProblem(known, ask, job));
  fail(capabilityProblem(known, ask));
  if (ask.accessMode === "single-node-writer" && ask.readOnly) {
    // Since Nomad 1.10 a host volume in this mode goes to nobody who only reads.
    const rule = "must be a mode that readers may ask for: a host volume for one writer is not given to who only reads";
    const fix = "remove readOnly, or ask for single-node-reader-only or single-node-multi-writer";
    fail({ path: `${path}.accessMode`, rule, got: ask.accessMode, fix });
  }
  const { machines = 1 } = data;
  narrow(findings, facts, machines, `${path}.source`, volume.source);
  if (ask.accessMode !== "single-node-single-writer" || volume.readOnly === true) return;
  findings.limit({
    per: "machine",
    atLeast: 1,
    atMost: 1,
    reason: () => ({
      check: "hostVolume",
      kind: "hostVolume",
      path: `${path}.accessMode`,
      rule: `lets one allocation write on each machine, and ${where} is on ${machines} (${where}.machines)`,
      got: ask.accessMode,
      fix: `raise ${where}.machines, or ask for fewer allocations`,
      short,
    }),
  });
}

/** Leaves the machines that have a volume. Which of the pool's they are is for Nomad to choose. */
function narrow(findings: Findings, facts: PoolFacts, having: number, path: string, source: string): void {
  const { atLeast, atMost } = findings.machines;
  const isWhole = atLeast === (facts.machines ?? 1);
  const sure = isWhole ? having : Math.max(0, atLeast + having - (facts.machines ?? Infinity));
  findings.machines = { atLeast: Math.min(sure, atMost), atMost: Math.min(atMost, having) };
  if (sure === 0) {
    const unknown = `whether a machine of pool ${facts.name} that will do has volume ${source}`;
    findings.doubt({ check: "hostVolume", path, unknown });
  }
}

function checkCsiVolume(place: Place, path: string, volume: CsiVolume, ask: () => Ask): void {
  const { findings, facts, fleet } = place;
  const known = isLiteral(volume.source) ? findVolume(fleet, facts.pool.region, volume.source) : undefined;
  if (known !== undefined && known.volume.retired === undefined) {
    checkKnownVolume(place, path, known, ask());
    return;
  }
  const given = Object.hasOwn(fleet.csiVolumes ?? {}, volume.source) ? fleet.csiVolumes?.[volume.source] : undefined;
  if (!isLiteral(volume.source) || volume.perAlloc === true || given === undefined) {
    const unknown = `which plugin serves CSI volume ${volume.source}`;
    findings.doubt({ check: "csiVolume", path: `${path}.source`, unknown });
  } else checkPlugin(place, `${path}.source`, volume.source, given.plugin);
}

/** A volume of the region's storage. */
function checkKnownVolume(place: Place, path: string, known: FoundVolume, ask: Ask): void {
  const { findings, facts, job } = place;
  const { volume, where, name } = known;
  const fail = (problem: Problem | undefined, short = `CSI volume ${name}`) => {
    if (problem !== undefined) findings.fail({ ...problem, check: "csiVolume", kind: "csiVolume", short });
  };
  if (volume.kind === "dynamic-host") {
    const rule = `must be host: ${where} is a dynamic host volume`;
    fail({ path: `${path}.type`, rule, got: "csi", fix: 'write type: "host"' });
    return;
  }
  fail(perAllocProblem(known, ask));
  fail(namespaceProblem(known, ask, job));
  fail(readsOnlyProblem(known, ask));
  if (!known.pools.includes(facts.name)) {
    const { rule, fix } = reachOf(facts.pool.region, known, facts.name);
    const problem = { path: `${path}.source`, rule, got: name, fix: `${fix}, or use another pool` };
    fail(problem, `CSI plugin ${volume.plugin}`);
  }
  if (volume.kind !== "nfs") checkTopology(place, path, known, volume);
  const { perAlloc } = volume;
  if (perAlloc === undefined || !ask.perAlloc) return;
  findings.limit({
    per: "pool",
    atLeast: perAlloc,
    atMost: perAlloc,
    reason: () => ({
      ...allocationsProblem(known, ask),
      check: "csiVolume",
      kind: "csiVolume",
      short: `CSI volume ${name}`,
    }),
  });
}

/** A volume of some zones wants a machine there. Nomad leaves machines out that cannot reach it. */
function checkTopology(
  { findings, facts, fleet }: Place,
  path: string,
  { where, name }: FoundVolume,
  { plugin, requiredTopologies = [] }: CreatedVolume | RegisteredVolume,
): void {
  if (requiredTopologies.length === 0) return;
  const { cloud, topologyKeys = [] } = pluginOf(fleet, facts.pool.region, plugin)?.driver ?? {};
  const zones = cloud === undefined ? [] : poolZones(fleet, facts.pool);
  const wanted = requiredTopologies.flatMap((segments) => topologyKeys.flatMap((key) => segments[key] ?? []));
  const shared = zones.filter((zone) => wanted.includes(zone));
  if (zones.length > 0 && shared.length === zones.length) return;
  if (zones.length === 0 || shared.length > 0) {
    const unknown = `whether machines of pool ${facts.name} are where ${where}.requiredTopologies says`;
    findings.doubt({ check: "csiVolume", path: `${path}.source`, unknown });
    return;
  }
  findings.fail({
    check: "csiVolume",
    kind: "csiVolume",
    path: `${path}.source`,
    rule: `is in ${wanted.join(", ")} (${where}.requiredTopologies), and machines of pool ${facts.name} are in ${zones.join(", ")}`,
    got: name,
    fix: "use a pool there, or a volume of another zone",
    short: `zone ${wanted.join(", ")}`,
  });
}

/** Of a volume that is made by other means the fleet knows the plugin alone. */
function checkPlugin({ findings, facts, fleet }: Place, path: string, source: string, plugin: string): void {
  const { name, pool } = facts;
  const running = csiPluginsOf(fleet, name);
  if (running === undefined) {
    findings.doubt({ check: "csiVolume", path, unknown: `whether CSI plugin ${plugin} runs in pool ${name}` });
  } else if (!running.includes(plugin)) {
    findings.fail({
      check: "csiVolume",
      kind: "csiVolume",
      path,
      rule: `is served by CSI plugin ${plugin}, which does not run in pool ${name}`,
      got: source,
      fix:
        pluginOf(fleet, pool.region, plugin) === undefined
          ? `add ${JSON.stringify(plugin)} to pools.${name}.csiPlugins, or use another pool`
          : `add ${JSON.stringify(name)} to regions.${pool.region}.storage.plugins.${plugin}.pools, or use another pool`,
      short: `CSI plugin ${plugin}`,
    });
  }
}

/** An object key as TypeScript wants it. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
