import type { Problem } from "../constructs/core/problems";
import { cloudVolumeProblems } from "./csi-cloud-rules";
import type { CsiDriver, CsiParameter } from "./csi-driver";
import { nfsServerProblems } from "./csi-endpoint-rules";
import { csiMachineProblems, csiPluginProblems } from "./csi-plugin-rules";
import type {
  CreatedVolume,
  DynamicHostVolume,
  NfsVolume,
  RegisteredVolume,
  Volume,
  VolumeAttachmentMode,
} from "./volume-types";
import { isSecret, volumeSecretProblems } from "./volume-secrets";
import { capabilitiesOf, pluginOf, storageOf } from "./volumes";
import type { Fleet } from "./types";

/** Problems with CSI plugins and volumes. */
export function volumeProblems(fleet: Fleet): Problem[] {
  return [
    ...Object.keys(fleet.regions).flatMap((region) => [
      ...csiPluginProblems(fleet, region),
      ...Object.entries(storageOf(fleet, region).volumes).flatMap(([id, volume]) =>
        oneVolumeProblems(`regions.${region}.storage.volumes.${id}`, fleet, region, id, volume),
      ),
    ]),
    ...csiMachineProblems(fleet),
  ];
}

function oneVolumeProblems(path: string, fleet: Fleet, region: string, id: string, volume: Volume): Problem[] {
  return [
    ...commonProblems(path, fleet, id, volume),
    ...volumeSecretProblems(path, volume),
    ...(volume.kind === "dynamic-host"
      ? dynamicProblems(path, fleet, region, volume)
      : pluginVolumeProblems(path, fleet, region, id, volume)),
  ];
}

function commonProblems(path: string, fleet: Fleet, id: string, volume: Volume): Problem[] {
  const problems: Problem[] = [];
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(id))
    problems.push({ path, rule: "must be letters, digits, dots, dashes and underscores", got: id, fix: "rename it" });
  const { namespace = "default", perAlloc } = volume;
  if (namespace !== "default" && !Object.hasOwn(fleet.namespaces ?? {}, namespace))
    problems.push({
      path: `${path}.namespace`,
      rule: "must be a namespace of the fleet",
      got: namespace,
      fix: "add it to the fleet's namespaces",
    });
  if (perAlloc !== undefined && !(Number.isInteger(perAlloc) && perAlloc >= 1 && perAlloc <= 1000))
    problems.push({ path: `${path}.perAlloc`, rule: "must be a whole number from 1 to 1000", got: perAlloc });
  if (capabilitiesOf(volume).length === 0)
    problems.push({
      path: `${path}.capabilities`,
      rule: "must name how jobs may use it",
      got: [],
      fix: 'name one, such as { accessMode: "single-node-writer" }',
    });
  return problems;
}

function pluginVolumeProblems(
  path: string,
  fleet: Fleet,
  region: string,
  id: string,
  volume: CreatedVolume | RegisteredVolume | NfsVolume,
): Problem[] {
  const plugin = pluginOf(fleet, region, volume.plugin);
  if (plugin === undefined) {
    const known = Object.keys(storageOf(fleet, region).plugins);
    return [
      {
        path: `${path}.plugin`,
        rule: `must be a CSI plugin in service of region ${region}`,
        got: volume.plugin,
        fix: known.length === 0 ? `add it to regions.${region}.storage.plugins` : `use one of ${known.join(", ")}`,
      },
    ];
  }
  const { driver } = plugin;
  const able = [...capabilityProblems(path, volume, driver), ...mountOptionProblems(path, volume)];
  switch (volume.kind) {
    case "created":
      return [
        ...able,
        ...createdProblems(path, volume, driver),
        ...topologyProblems(path, volume, driver),
        ...cloudVolumeProblems(path, fleet, region, id, volume, plugin),
        ...(driver.mountsNfs === true && volume.parameters?.["server"] !== undefined
          ? nfsServerProblems(`${path}.parameters.server`, fleet, plugin, volume.parameters["server"], true)
          : []),
      ];
    case "registered":
      return [
        ...able,
        ...registrationProblems(path, volume),
        ...(volume.externalId === ""
          ? [{ path: `${path}.externalId`, rule: "must be what the storage calls it", got: "", fix: "ask the storage" }]
          : []),
        ...topologyProblems(path, volume, driver),
        ...cloudVolumeProblems(path, fleet, region, id, volume, plugin),
      ];
    case "nfs":
      return [
        ...able,
        ...registrationProblems(path, volume),
        ...nfsProblems(path, volume, driver),
        ...nfsServerProblems(`${path}.server`, fleet, plugin, volume.server, false),
      ];
  }
}

/** What a volume promises must be what its driver can do. */
function capabilityProblems(path: string, volume: Volume, driver: CsiDriver): Problem[] {
  const can = (mode: VolumeAttachmentMode): readonly string[] =>
    driver.capabilities.flatMap(({ accessMode, attachmentMode = "file-system" }) =>
      attachmentMode === mode ? [accessMode] : [],
    );
  const all = (["file-system", "block-device"] as const)
    .filter((mode) => can(mode).length > 0)
    .map((mode) => `as ${mode} ${can(mode).join(", ")}`);
  return capabilitiesOf(volume).flatMap(({ accessMode, attachmentMode }, index) => {
    const asked = `${accessMode} as ${attachmentMode}`;
    return can(attachmentMode).includes(accessMode)
      ? []
      : [
          {
            path: `${path}.capabilities[${index}]`,
            rule: `is more than driver ${driver.name} can do (${all.join("; ")})`,
            got: asked,
            fix: "name a capability of the driver, or use a plugin that has it",
          },
        ];
  });
}

/** @see https://developer.hashicorp.com/nomad/docs/other-specifications/volume/csi#mount_options */
function mountOptionProblems(path: string, volume: CreatedVolume | RegisteredVolume | NfsVolume): Problem[] {
  if (volume.kind === "nfs" || volume.mountOptions === undefined) return [];
  if (capabilitiesOf(volume).some(({ attachmentMode }) => attachmentMode === "file-system")) return [];
  return [
    {
      path: `${path}.mountOptions`,
      rule: "must not be there: as a block-device the volume is not mounted, jobs get the bare disk",
      got: volume.mountOptions,
      fix: 'use attachmentMode "file-system", or leave them out',
    },
  ];
}

/**
 * Terraform's provider registers a volume as if it were claimed in the first of its capabilities, in an order of its own. Until the
 * last claim is gone Nomad holds to that mode: registered for reading alone, a volume never gets its writer.
 *
 * @see https://github.com/hashicorp/terraform-provider-nomad/blob/v2.5.2/nomad/resource_csi_volume_registration.go
 */
function registrationProblems(path: string, volume: RegisteredVolume | NfsVolume): Problem[] {
  const capabilities = capabilitiesOf(volume);
  if (capabilities.length <= 1) return [];
  return [
    {
      path: `${path}.capabilities`,
      rule: "must be one: of several Terraform's provider picks the mode that the volume is registered in",
      got: capabilities.map(({ accessMode, attachmentMode }) => `${accessMode} as ${attachmentMode}`).join(", "),
      fix: "keep the widest: jobs that only read say readOnly",
    },
  ];
}

function createdProblems(path: string, volume: CreatedVolume, driver: CsiDriver): Problem[] {
  const problems: Problem[] = [];
  const { capacityMinGiB: minimum, capacityMaxGiB: maximum, snapshotId, cloneId, parameters = {} } = volume;
  if (!driver.creates)
    problems.push({
      path: `${path}.kind`,
      rule: `cannot be created: driver ${driver.name} makes no volumes`,
      got: volume.kind,
      fix: 'make it by other means and register it ({ kind: "registered", externalId })',
    });
  if (!(Number.isFinite(minimum) && minimum > 0))
    problems.push({ path: `${path}.capacityMinGiB`, rule: "must be more than 0", got: minimum });
  if (maximum !== undefined && !(maximum >= minimum))
    problems.push({
      path: `${path}.capacityMaxGiB`,
      rule: `must be at least capacityMinGiB (${minimum})`,
      got: maximum,
    });
  if (snapshotId !== undefined && cloneId !== undefined)
    problems.push({
      path: `${path}.cloneId`,
      rule: "must not be beside snapshotId: a volume begins with the contents of one thing",
      got: cloneId,
      fix: "leave one of them out",
    });
  return [...problems, ...parameterProblems(`${path}.parameters`, parameters, driver)];
}

function parameterProblems(path: string, given: Readonly<Record<string, string>>, driver: CsiDriver): Problem[] {
  const known: Readonly<Record<string, CsiParameter>> | undefined = driver.parameters;
  if (known === undefined) return [];
  return [
    ...Object.entries(given).flatMap(([name, value]): Problem[] => {
      const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
      if (parameter === undefined)
        return [
          {
            path: `${path}.${name}`,
            rule: `is no parameter of driver ${driver.name} (${Object.keys(known).join(", ") || "it has none"})`,
            ...(isSecret(name, value) ? {} : { got: value }),
            fix: "remove it, or correct the name",
          },
        ];
      if (parameter.oneOf === undefined || parameter.oneOf.includes(value)) return [];
      return [{ path: `${path}.${name}`, rule: `must be one of ${parameter.oneOf.join(", ")}`, got: value }];
    }),
    ...Object.entries(known).flatMap(([name, { required = false }]) =>
      required && given[name] === undefined
        ? [{ path: `${path}.${name}`, rule: `is needed by driver ${driver.name}`, fix: "give it" }]
        : [],
    ),
  ];
}

function topologyProblems(path: string, volume: CreatedVolume | RegisteredVolume, driver: CsiDriver): Problem[] {
  const keys = driver.topologyKeys ?? [];
  const asked = {
    requiredTopologies: volume.requiredTopologies ?? [],
    preferredTopologies: volume.kind === "created" ? (volume.preferredTopologies ?? []) : [],
  };
  return Object.entries(asked).flatMap(([property, topologies]) =>
    topologies.flatMap((segments, index) =>
      Object.keys(segments).flatMap((key) =>
        keys.includes(key)
          ? []
          : [
              {
                path: `${path}.${property}[${index}]`,
                rule: `names a key that driver ${driver.name} does not know (${keys.join(", ") || "it knows none"})`,
                got: key,
                fix: "correct or remove it",
              },
            ],
      ),
    ),
  );
}

function nfsProblems(path: string, { server, share, subdirectory }: NfsVolume, driver: CsiDriver): Problem[] {
  const problems: Problem[] = [];
  if (driver.mountsNfs !== true)
    problems.push({
      path: `${path}.plugin`,
      rule: `must be a plugin that mounts NFS: driver ${driver.name} does not`,
      got: driver.name,
      fix: "use CsiDriver.nfs()",
    });
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(server))
    problems.push({
      path: `${path}.server`,
      rule: "must be a LAN host of the fleet, an address or a host name",
      got: server,
      fix: "move the path to share",
    });
  for (const [name, value] of Object.entries({ share, subdirectory: subdirectory && `/${subdirectory}` }))
    if (value !== undefined && (!/^\/[^\s]*$/.test(value) || value.split("/").includes("..")))
      problems.push({
        path: `${path}.${name}`,
        rule: name === "share" ? "must be an absolute path without spaces" : "must be a path below share, without ..",
        got: name === "share" ? value : value.slice(1),
      });
  return problems;
}

function dynamicProblems(path: string, fleet: Fleet, region: string, volume: DynamicHostVolume): Problem[] {
  const problems: Problem[] = [];
  const pool = fleet.pools[volume.pool];
  if (pool?.region !== region)
    problems.push({
      path: `${path}.pool`,
      rule: pool === undefined ? "must be a pool of the fleet" : `must be a pool of region ${region}`,
      got: volume.pool,
    });
  const { machines = 1 } = volume;
  const most = pool?.hosts?.length ?? pool?.count ?? Infinity;
  if (!(Number.isInteger(machines) && machines >= 1 && machines <= most))
    problems.push({
      path: `${path}.machines`,
      rule: `must be a whole number from 1 to ${most}, the machines of pool ${volume.pool}`,
      got: machines,
    });
  capabilitiesOf(volume).forEach(({ accessMode }, index) => {
    if (!accessMode.startsWith("single-node-"))
      problems.push({
        path: `${path}.capabilities[${index}].accessMode`,
        rule: "must be one of a single node: the directory is on one machine",
        got: accessMode,
        fix: "use single-node-multi-writer, or a CSI volume",
      });
  });
  for (const name of ["uid", "gid"] as const) {
    const value = volume[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 0))
      problems.push({ path: `${path}.${name}`, rule: "must be a whole number of at least 0", got: value });
  }
  if (volume.mode !== undefined && !/^0[0-7]{3}$/.test(volume.mode))
    problems.push({
      path: `${path}.mode`,
      rule: "must be an octal mode of four digits",
      got: volume.mode,
      fix: 'write it like "0700"',
    });
  return problems;
}
