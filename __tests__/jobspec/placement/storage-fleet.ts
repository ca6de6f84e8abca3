import { labCsiDriver } from "../../../lab/csi/driver";
import { CsiDriver } from "../../../model/csi-drivers";
import { validFleet } from "../../../model/validate";
import type { Fleet, Pool, Region } from "../../../model/types";
import type {
  CreatedVolume,
  CsiPlugin,
  DynamicHostVolume,
  Volume,
  VolumeAccessMode,
} from "../../../model/volume-types";
import { gcpFleet } from "../../helpers/fleet";

/** Key of a zone in the topology of Google Cloud's disks. */
export const ZONE = "topology.gke.io/zone";

const ZONES = ["europe-west4-a", "europe-west4-b"] as const;

/** Machines of each pool of the storage fleet, and where each is. The pool `bare` has no plugin, `both` machines in two zones. */
export const machines: Readonly<Record<string, readonly (typeof ZONES)[number][]>> = {
  a: [ZONES[0], ZONES[0], ZONES[0]],
  b: [ZONES[1]],
  both: [...ZONES],
  bare: [ZONES[0]],
};

function pool(name: string, more: Partial<Pool> = {}): Pool {
  const zones = machines[name] ?? [];
  return {
    region: "cloud",
    site: "cloud",
    count: zones.length,
    zones: [...new Set(zones)],
    machineType: "n2-standard-4",
    hardware: { cpuMHz: 10_000, memoryMiB: 16_000 },
    drivers: ["docker", "raw_exec"],
    taskMetadataAccess: { reason: "a CSI plugin asks it where its machine is" },
    ...more,
  };
}

const modes = (...all: readonly VolumeAccessMode[]) => all.map((accessMode) => ({ accessMode }));
const disk = (zone: string, ...all: readonly VolumeAccessMode[]): Volume => ({
  kind: "created",
  plugin: "disk",
  capacityMinGiB: 10,
  capabilities: modes(...all),
  requiredTopologies: [{ [ZONE]: zone }],
});
const share = (...all: readonly VolumeAccessMode[]): CreatedVolume => ({
  kind: "created",
  plugin: "share",
  capacityMinGiB: 1,
  capabilities: modes(...all),
});
const directory = (count: number, ...all: readonly VolumeAccessMode[]): DynamicHostVolume => ({
  kind: "dynamic-host",
  pool: "a",
  machines: count,
  ...(all.length > 0 && { capabilities: modes(...all) }),
});

/** Programs behind the ids: those of a cloud are stood for by the lab's own where there is no cloud. */
const plugins: Readonly<Record<string, CsiPlugin>> = {
  disk: { driver: CsiDriver.gcpPersistentDisk(), pools: ["a", "b", "both"] },
  share: { driver: labCsiDriver(), pools: ["a"] },
};

/** The volumes of the storage fleet, by id. */
const volumes: Readonly<Record<string, Volume>> = {
  "disk-a": disk(ZONES[0], "single-node-writer"),
  "disk-b": disk(ZONES[1], "single-node-writer", "multi-node-reader-only"),
  writers: share("multi-node-multi-writer", "single-node-writer"),
  readers: share("multi-node-reader-only"),
  each: { ...share("single-node-writer"), perAlloc: 2 },
  teams: { ...share("multi-node-multi-writer"), namespace: "team" },
  one: directory(1),
  all: directory(3),
  pair: directory(2, "single-node-single-writer", "single-node-reader-only"),
  plain: directory(2, "single-node-writer"),
  theirs: { ...directory(1), namespace: "team" },
};

/** A fleet with every kind of volume, and pools that can reach some of them. Its machines have room for all that is asked. */
export function storageFleet(): Fleet {
  const { pools, regions, ...rest } = gcpFleet() as Fleet;
  return validFleet({
    ...rest,
    name: "storage",
    namespaces: { team: {} },
    pools: {
      ...Object.fromEntries(Object.entries(pools).filter(([, { site }]) => site !== "cloud")),
      a: pool("a", { hostVolumes: { local: { path: "/tmp" } } }),
      b: pool("b", { hostVolumes: { local: { path: "/usr", readOnly: true } } }),
      both: pool("both"),
      bare: pool("bare", { hostVolumes: { local: { path: "/tmp" } } }),
    },
    regions: {
      ...regions,
      cloud: { ...(regions["cloud"] as Region), storage: { plugins, volumes } },
    },
  });
}
