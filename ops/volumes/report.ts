import type { Fleet } from "../../model/types";
import type { Volume } from "../../model/volume-types";
import { capabilitiesOf, storageOf, volumeIds } from "../../model/volumes";
import { findingsOf } from "./findings";
import type {
  Claim,
  DeclaredMount,
  DeclaredMounts,
  NomadStorage,
  NomadVolume,
  RegionVolumes,
  VolumeView,
} from "./types";

/** Everything that is known of a region. */
export interface RegionFacts {
  readonly fleet: Fleet;
  readonly region: string;
  readonly nomad: NomadStorage;
  readonly declared: DeclaredMounts;
  /** Who runs the groups that mount static host volumes. */
  readonly allocations: readonly Claim[];
}

/** Holds what the fleet has against what Nomad has. */
export function regionVolumes(facts: RegionFacts): RegionVolumes {
  const { region, nomad, declared } = facts;
  const volumes = [...fleetVolumes(facts), ...staticVolumes(facts), ...otherVolumes(facts)];
  return {
    region,
    plugins: nomad.plugins,
    volumes,
    findings: findingsOf(facts, volumes),
    unreadJobs: declared.unread,
  };
}

/** Volumes that a region of the fleet has in service, each id with the volume that it belongs to. */
export function volumesInService(fleet: Fleet, region: string): readonly (readonly [id: string, volume: Volume])[] {
  return Object.entries(storageOf(fleet, region).volumes).flatMap(([id, volume]) =>
    volume.retired === undefined ? volumeIds(id, volume).map((one) => [one, volume] as const) : [],
  );
}

function fleetVolumes({ fleet, region, nomad, declared }: RegionFacts): VolumeView[] {
  return volumesInService(fleet, region).flatMap(([id, volume]) => {
    const namespace = volume.namespace ?? "default";
    const found = nomad.volumes.filter((one) => isSame(one, id, volume));
    if (found.length > 0) return found.map((one) => viewOf(one, volume.kind, nomad, declared));
    return [
      {
        id,
        namespace,
        kind: volume.kind,
        inNomad: false,
        plugin: volume.kind === "dynamic-host" ? "mkdir" : volume.plugin,
        capabilities: capabilitiesOf(volume).map(({ accessMode, attachmentMode }) => `${accessMode} ${attachmentMode}`),
        mountedBy: [],
        meantFor: meantFor(declared, volume.kind === "dynamic-host" ? "host" : "csi", id, namespace),
      },
    ];
  });
}

/** Volumes that Nomad has and the fleet has not: retired ones, leftovers, and what somebody made by hand. */
function otherVolumes({ fleet, region, nomad, declared }: RegionFacts): VolumeView[] {
  const known = volumesInService(fleet, region);
  return nomad.volumes
    .filter((one) => !known.some(([id, volume]) => isSame(one, id, volume)))
    .map((one) => viewOf(one, one.type, nomad, declared));
}

/** Directories of a pool's machines, by name: one volume on many nodes. */
function staticVolumes({ fleet, region, nomad, declared, allocations }: RegionFacts): VolumeView[] {
  const named = Object.entries(fleet.pools).flatMap(([pool, { region: home, hostVolumes = {}, retired }]) =>
    home === region && retired === undefined ? Object.keys(hostVolumes).map((name) => ({ pool, name })) : [],
  );
  return [...new Set(named.map(({ name }) => name))].map((id) => {
    const mounts = declared.mounts.filter(({ type, volume }) => type === "host" && volume === id);
    const nodes = nomad.nodes.filter(({ hostVolumes }) => hostVolumes.includes(id));
    const names = new Map(nomad.nodes.map(({ id: node, name }) => [node, name]));
    return {
      id,
      namespace: "*",
      kind: "static-host",
      inNomad: nodes.length > 0,
      capabilities: [],
      nodes: nodes.map(({ name }) => name).sort(),
      mountedBy: allocations.flatMap((claim) => {
        const mount = mounts.find((one) => holds(one, claim));
        const node = names.get(claim.nodeId ?? "");
        return mount === undefined ? [] : [{ ...claim, access: mount.access, ...(node !== undefined && { node }) }];
      }),
      meantFor: mounts.map(short),
    };
  });
}

function viewOf(
  { type, claims, nodeId, ...volume }: NomadVolume,
  kind: VolumeView["kind"],
  { nodes }: NomadStorage,
  declared: DeclaredMounts,
): VolumeView {
  const mounts = declared.mounts.filter((mount) => mount.type === type && mount.volume === volume.id);
  const node = nodes.find(({ id }) => id === nodeId)?.name ?? nodeId;
  return {
    ...volume,
    kind,
    inNomad: true,
    ...(node !== undefined && { nodes: [node] }),
    mountedBy: claims.map((claim) => {
      const access = claim.access ?? mounts.find((mount) => holds(mount, claim))?.access;
      return access === undefined ? claim : { ...claim, access };
    }),
    meantFor: meantFor(declared, type, volume.id, volume.namespace),
  };
}

function isSame({ type, id, namespace }: NomadVolume, wanted: string, volume: Volume): boolean {
  const isHost = volume.kind === "dynamic-host";
  return id === wanted && (type === "host") === isHost && namespace === (volume.namespace ?? "default");
}

function meantFor(declared: DeclaredMounts, type: "csi" | "host", id: string, namespace: string) {
  return declared.mounts
    .filter((mount) => mount.type === type && mount.volume === id && mount.namespace === namespace)
    .map(short);
}

function holds({ job, namespace, group }: DeclaredMount, claim: Claim): boolean {
  return claim.job === job && claim.namespace === namespace && claim.group === group;
}

function short({ job, namespace, group, access }: DeclaredMount): VolumeView["meantFor"][number] {
  return { job, namespace, group, access };
}
