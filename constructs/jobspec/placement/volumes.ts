import type { Fleet } from "../../../model/types";
import { csiPluginsOf, pluginOf, storageOf } from "../../../model/volumes";
import type { Group } from "../group";
import { oneOf } from "../rules/discovery";
import { isLiteral } from "../rules/report";
import type { CsiVolume, HostVolume } from "../volume";
import type { Findings } from "./findings";
import type { PoolFacts } from "./pool-facts";

/** Checks a group's volumes: host volumes first, as Nomad does. */
export function checkVolumes(findings: Findings, facts: PoolFacts, path: string, group: Group, fleet: Fleet): void {
  const volumes = Object.entries(group.volumes ?? {});
  for (const [name, volume] of volumes) {
    if (volume.type === "host") checkHostVolume(findings, facts, `${path}.volumes.${name}`, volume);
  }
  for (const [name, volume] of volumes) {
    if (volume.type === "csi") checkCsiVolume(findings, facts, `${path}.volumes.${name}`, volume, fleet);
  }
}

function checkHostVolume(findings: Findings, facts: PoolFacts, path: string, volume: HostVolume): void {
  const { name, pool } = facts;
  const source = `${path}.source`;
  const found = Object.hasOwn(pool.hostVolumes ?? {}, volume.source) ? pool.hostVolumes?.[volume.source] : undefined;
  const isDynamic =
    volume.perAlloc === true || volume.sticky === true || pool.dynamicHostVolumes?.includes(volume.source) === true;
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

function checkCsiVolume(findings: Findings, facts: PoolFacts, path: string, volume: CsiVolume, fleet: Fleet): void {
  const { name, pool } = facts;
  const plugin = pluginServing(fleet, pool.region, volume.source);
  const running = csiPluginsOf(fleet, name);
  const doubt = (unknown: string) => findings.doubt({ check: "csiVolume", path: `${path}.source`, unknown });
  if (!isLiteral(volume.source) || volume.perAlloc === true || plugin === undefined) {
    doubt(`which plugin serves CSI volume ${volume.source}`);
  } else if (running === undefined) doubt(`whether CSI plugin ${plugin} runs in pool ${name}`);
  else if (!running.includes(plugin)) {
    findings.fail({
      check: "csiVolume",
      kind: "csiVolume",
      path: `${path}.source`,
      rule: `is served by CSI plugin ${plugin}, which does not run in pool ${name}`,
      got: volume.source,
      fix:
        pluginOf(fleet, pool.region, plugin) === undefined
          ? `add ${JSON.stringify(plugin)} to pools.${name}.csiPlugins, or use another pool`
          : `add ${JSON.stringify(name)} to regions.${pool.region}.storage.plugins.${plugin}.pools, or use another pool`,
      short: `CSI plugin ${plugin}`,
    });
  }
}

/** Plugin of a CSI volume of a region, as far as the fleet says it. */
function pluginServing(fleet: Fleet, region: string, id: string): string | undefined {
  const volumes = storageOf(fleet, region).volumes;
  const volume = Object.hasOwn(volumes, id) ? volumes[id] : undefined;
  if (volume !== undefined && volume.kind !== "dynamic-host") return volume.plugin;
  return Object.hasOwn(fleet.csiVolumes ?? {}, id) ? fleet.csiVolumes?.[id]?.plugin : undefined;
}

/** An object key as TypeScript wants it. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
