import { CsiDriver } from "../model/csi-drivers";
import type { Fleet } from "../model/types";
import type { RegionStorage, Volume } from "../model/volume-types";
import { fleet as seeds } from "./fleet";

/** A directory of the NAS, which many machines may write. */
const shared = (directory: string): Volume => ({
  kind: "nfs",
  plugin: "nfs",
  server: "192.168.128.111",
  share: `/mnt/pool0/share/${directory}`,
});

const storage: RegionStorage = {
  plugins: { nfs: { driver: CsiDriver.nfs(), pools: ["general", "workstations", "spark", "rigs"] } },
  volumes: {
    "hf-cache": shared("hf-cache"),
    "database-backups": shared("backups"),
    checkpoints: shared("checkpoints"),
  },
};

/** The campus keeps what its training runs need on a server of its own. */
const campus: RegionStorage = {
  plugins: { nfs: { driver: CsiDriver.nfs(), pools: ["training"] } },
  volumes: { checkpoints: { kind: "nfs", plugin: "nfs", server: "10.20.0.5", share: "/export/checkpoints" } },
};

/** The machines of the seeds with storage of the fleet's own, on which the patterns in `ai/` and `services/` run. */
export const fleet: Fleet = {
  ...seeds,
  csiVolumes: {},
  pools: mapped(seeds.pools, (pool) => ({ ...pool, csiPlugins: [] })),
  regions: mapped(seeds.regions, (region, name) => ({ ...region, storage: name === "home" ? storage : campus })),
};

function mapped<T>(of: Readonly<Record<string, T>>, change: (one: T, name: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(of).map(([name, one]) => [name, change(one, name)]));
}
