import type { Problem } from "../constructs/core/problems";
import type { CsiCloud } from "./csi-driver";
import { siteZones } from "./names";
import type { Fleet } from "./types";
import type { CreatedVolume, CsiPlugin, RegisteredVolume } from "./volume-types";
import { controllerPoolOf, poolsOf, storageName, storagePrefix } from "./volumes";

const PLATFORMS = { "aws-ebs": "aws", "aws-efs": "aws", "gcp-pd": "gcp" } as const;
const CLOUDS = { aws: "AWS", gcp: "Google Cloud" } as const;

/** Problems with where the programs of a cloud's driver run. */
export function csiCloudProblems(path: string, fleet: Fleet, region: string, plugin: CsiPlugin): Problem[] {
  const { driver } = plugin;
  if (driver.cloud === undefined) return [];
  const platform = PLATFORMS[driver.cloud.storage];
  const pools = poolsOf(plugin).flatMap((name) => {
    const pool = fleet.pools[name];
    const site = pool === undefined ? undefined : fleet.sites[pool.site];
    return pool === undefined || site === undefined || pool.region !== region ? [] : [{ name, pool, site }];
  });
  const pathOf = (name: string) => {
    const index = plugin.pools.indexOf(name);
    return `${path}.${index < 0 ? "controllerPool" : `pools[${index}]`}`;
  };
  const strangers = pools.filter(({ site }) => site.platform !== platform);
  if (strangers.length > 0)
    return strangers.map(({ name, site }) => ({
      path: pathOf(name),
      rule: `must be a pool on ${CLOUDS[platform]}: driver ${driver.name} works there alone, and this one is on ${site.platform}`,
      got: name,
      fix: "name pools of a site there",
    }));
  const [first] = pools;
  return [
    ...pools.flatMap(({ name, pool }) =>
      pool.site === first?.pool.site
        ? []
        : [
            {
              path: pathOf(name),
              rule: `must be at site ${first?.pool.site}, as ${first?.name}: controllers of driver ${driver.name} manage the storage of one site`,
              got: `${name} at ${pool.site}`,
              fix: `make a plugin for ${pool.site}`,
            },
          ],
    ),
    ...pools.flatMap(({ name, pool }) =>
      pool.taskMetadataAccess === undefined
        ? [
            {
              path: `pools.${name}.taskMetadataAccess`,
              rule: `must be there: driver ${driver.name} (${pathOf(name)}) asks the metadata service for its machine's ${name === controllerPoolOf(plugin) ? "credentials" : "name and zone"}, which tasks are kept from`,
              fix: `give the reason, and let only jobs run here that may act as the machine; volumes are managed as the machines of controllerPool, which may be a pool of its own`,
            },
          ]
        : [],
    ),
  ];
}

/** Problems with a volume of a cloud's driver. */
export function cloudVolumeProblems(
  path: string,
  fleet: Fleet,
  region: string,
  id: string,
  volume: CreatedVolume | RegisteredVolume,
  { driver, pools }: CsiPlugin,
): Problem[] {
  const { cloud, topologyKeys = [] } = driver;
  if (cloud === undefined) return [];
  const site = fleet.sites[fleet.pools[pools[0] ?? ""]?.site ?? ""];
  return [
    ...(topologyKeys.length === 0 ? [] : zoneProblems(path, volume, topologyKeys, siteZones(site))),
    ...(cloud.storage === "gcp-pd" && volume.kind === "created"
      ? diskNameProblems(path, fleet, region, id, volume)
      : []),
    ...(volume.kind === "registered" ? externalIdProblems(`${path}.externalId`, volume.externalId, cloud) : []),
  ];
}

/** A disk is in one zone. Where nobody says which, the driver takes any of the cloud region. */
function zoneProblems(
  path: string,
  { requiredTopologies = [] }: CreatedVolume | RegisteredVolume,
  keys: readonly string[],
  zones: readonly string[],
): Problem[] {
  const [key = ""] = keys;
  const named = requiredTopologies.flatMap((segments) => keys.flatMap((name) => segments[name] ?? []));
  if (named.length !== 1)
    return [
      {
        path: `${path}.requiredTopologies`,
        rule: "must name one zone: a disk is in one, and must be where machines of the plugin's pools are",
        got: requiredTopologies,
        fix: `write [{ "${key}": "${zones[0]}" }]`,
      },
    ];
  return named.flatMap((zone) =>
    zones.includes(zone)
      ? []
      : [
          {
            path: `${path}.requiredTopologies[0]`,
            rule: "must be a zone of the site of the plugin's pools",
            got: zone,
            fix: `use one of ${zones.join(", ")}`,
          },
        ],
  );
}

/** @see https://cloud.google.com/compute/docs/naming-resources */
function diskNameProblems(path: string, fleet: Fleet, region: string, id: string, volume: CreatedVolume): Problem[] {
  const last = volume.perAlloc === undefined ? id : `${id}[${volume.perAlloc - 1}]`;
  const name = storageName(fleet, region, last, volume);
  if (/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) && name.startsWith(storagePrefix(fleet.name))) return [];
  return [
    {
      path: `${path}.name`,
      rule: `must be small letters, digits and dashes, at most 63, and begin with ${storagePrefix(fleet.name)}, which the controllers' permissions are limited to`,
      got: name,
      fix: "give a name, or rename the volume",
    },
  ];
}

function externalIdProblems(path: string, externalId: string, cloud: CsiCloud): Problem[] {
  const wrong = (rule: string, fix: string) => [{ path, rule, got: externalId, fix }];
  switch (cloud.storage) {
    case "aws-ebs":
      return /^vol-[0-9a-f]{8,17}$/.test(externalId)
        ? []
        : wrong("must be the id of a volume of EBS", "write it like vol-0123456789abcdef0");
    case "aws-efs":
      return cloud.fileSystemIds.includes(externalId.split(":")[0] ?? "")
        ? []
        : wrong(
            `must begin with a file system that the driver may use (${cloud.fileSystemIds.join(", ")})`,
            "add it to the driver's fileSystemIds, or write it like fs-0123abcd:/path:fsap-0123abcd",
          );
    case "gcp-pd":
      return /^projects\/[^/]+\/zones\/[^/]+\/disks\/[^/]+$/.test(externalId)
        ? []
        : wrong(
            "must be the path of a disk",
            "write it like projects/acme/zones/europe-west4-a/disks/example-csi-eu-data",
          );
  }
}
