import { gcpAccountEmail, gcpAccountId, gcpGroupName, shortened } from "../../../model/gcp-names";
import { clientIdentity } from "../../../model/identities";
import type { Fleet } from "../../../model/types";
import type { CsiPlugin } from "../../../model/volume-types";
import { controllerPoolOf, pluginsOf, storagePrefix } from "../../../model/volumes";
import { beginsWith, condition } from "./permission-places";
import type { GcpRole } from "./permissions";

/** Longest id of a role. @see https://cloud.google.com/iam/docs/reference/rest/v1/projects.roles/create */
const MAXIMUM_ROLE_ID = 64;

/** Things that the driver looks at without a name, or waits for. */
const LOOKS = [
  "compute.disks.list",
  "compute.globalOperations.get",
  "compute.instances.list",
  "compute.snapshots.list",
  "compute.zoneOperations.get",
  "compute.zones.get",
  "compute.zones.list",
];
const DISKS = [
  "compute.disks.create",
  "compute.disks.createSnapshot",
  "compute.disks.delete",
  "compute.disks.get",
  "compute.disks.resize",
  "compute.disks.setLabels",
  "compute.disks.update",
  "compute.disks.use",
  "compute.disks.useReadOnly",
  "compute.snapshots.create",
  "compute.snapshots.delete",
  "compute.snapshots.get",
  "compute.snapshots.setLabels",
  "compute.snapshots.useReadOnly",
];
const MACHINES = ["compute.instances.attachDisk", "compute.instances.detachDisk", "compute.instances.get"];

/**
 * What controllers of CSI plugins may do as the machines that they run on: make disks and snapshots of names that they give
 * alone, and attach them to machines of the plugin's pools. Whoever administers the projects gives it; whoever applies a fleet
 * cannot say what accounts may do in a project.
 *
 * @see https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver/blob/master/docs/kubernetes/user-guides/driver-install.md
 */
export function diskRoles(fleet: Fleet): readonly GcpRole[] {
  return Object.keys(fleet.regions).flatMap((region) =>
    pluginsOf(fleet, region).flatMap(([id, plugin]) => {
      const controllers = controllerPoolOf(plugin);
      const site = fleet.sites[fleet.pools[controllers ?? ""]?.site ?? ""];
      if (plugin.driver.cloud?.storage !== "gcp-pd" || controllers === undefined || site?.platform !== "gcp") return [];
      return rolesOf(fleet, `${region}-${id}`, plugin, { project: site.project, controllers });
    }),
  );
}

function rolesOf(
  fleet: Fleet,
  name: string,
  plugin: CsiPlugin,
  { project, controllers }: { readonly project: string; readonly controllers: string },
): readonly GcpRole[] {
  const account = (pool: string) =>
    `projects/${project}/serviceAccounts/${gcpAccountEmail(project, gcpAccountId(fleet.name, clientIdentity(fleet, pool)))}`;
  const role = (what: string, holds: string, permissions: readonly string[]) => ({
    place: what,
    project,
    roleId: shortened(`steppe_${fleet.name}_csi_${name}_${what}`, MAXIMUM_ROLE_ID).replaceAll(/[^A-Za-z0-9_]/g, "_"),
    definition: {
      title: `Steppe ${fleet.name}, CSI ${name}: ${what}`.slice(0, 100),
      description: `For controllers of fleet ${fleet.name}: ${holds}`,
      stage: "GA" as const,
      includedPermissions: [...permissions].sort(),
    },
    member: account(controllers),
  });
  const prefix = storagePrefix(fleet.name);
  const machines = plugin.pools.map((pool) => `${gcpGroupName(fleet.name, pool)}-`);
  return [
    {
      ...role("disks", "disks that they make, on machines of the plugin's pools", [...LOOKS, ...DISKS, ...MACHINES]),
      resources: [`projects/${project}`],
      condition: condition(fleet.name, [
        beginsWith("compute.googleapis.com/Disk", prefix),
        beginsWith("compute.googleapis.com/Snapshot", prefix),
        beginsWith("compute.googleapis.com/Instance", ...machines),
      ]),
    },
    // Google asks whether whoever attaches a disk to a machine may act as it.
    {
      ...role("machines", "machines of the plugin's pools", ["iam.serviceAccounts.actAs"]),
      resources: plugin.pools.map(account),
    },
  ];
}
