import { AWAIT, type Grant, type TypePermissions } from "./permission-grants";

/** What Google asks of whoever makes a machine, or a group that makes machines. */
const LAUNCH: readonly Grant[] = [
  [
    "machines",
    [
      "compute.disks.create",
      "compute.disks.setLabels",
      "compute.disks.use",
      "compute.instances.create",
      "compute.instances.setLabels",
      "compute.instances.setMetadata",
      "compute.instances.setServiceAccount",
      "compute.instances.setTags",
    ],
  ],
  ["subnets", ["compute.subnetworks.get", "compute.subnetworks.use", "compute.subnetworks.useExternalIp"]],
  ["images", ["compute.images.useReadOnly"]],
  ["accounts", ["iam.serviceAccounts.actAs"]],
];

/** What Terraform does with machines, what they are made from and who they are. By type of resource. */
export const MACHINE_PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  google_compute_disk: {
    read: [["machines", ["compute.disks.get"]]],
    create: [["machines", ["compute.disks.create", "compute.disks.setLabels"]], AWAIT.zone],
    update: [["machines", ["compute.disks.resize", "compute.disks.setLabels", "compute.disks.update"]], AWAIT.zone],
    delete: [
      // The snapshot that a disk leaves, and the machine that it may still be attached to.
      [
        "machines",
        [
          "compute.disks.createSnapshot",
          "compute.disks.delete",
          "compute.instances.detachDisk",
          "compute.instances.get",
          "compute.snapshots.create",
        ],
      ],
      AWAIT.global,
      AWAIT.zone,
    ],
  },
  google_compute_instance: {
    read: [["machines", ["compute.disks.get", "compute.instances.get"]]],
    create: [...LAUNCH, ["project", ["compute.zones.get"]], AWAIT.zone],
    // What can change while the machine runs: all else fails, or is for its replacement.
    update: [
      [
        "machines",
        [
          "compute.disks.use",
          "compute.instances.addAccessConfig",
          "compute.instances.attachDisk",
          "compute.instances.deleteAccessConfig",
          "compute.instances.detachDisk",
          "compute.instances.setLabels",
          "compute.instances.setMetadata",
          "compute.instances.setScheduling",
          "compute.instances.setTags",
          "compute.instances.update",
          "compute.instances.updateNetworkInterface",
        ],
      ],
      ["subnets", ["compute.subnetworks.get", "compute.subnetworks.use", "compute.subnetworks.useExternalIp"]],
      AWAIT.zone,
    ],
    delete: [["machines", ["compute.instances.delete"]], AWAIT.zone],
  },
  google_compute_region_instance_group_manager: {
    read: [["project", ["compute.instanceGroupManagers.get", "compute.instanceGroups.get"]]],
    create: [
      ["project", ["compute.instanceGroupManagers.create", "compute.instanceGroups.create"]],
      ["machines", ["compute.instanceTemplates.get", "compute.instanceTemplates.useReadOnly"]],
      ...LAUNCH,
      AWAIT.region,
    ],
    update: [
      ["project", ["compute.instanceGroupManagers.update", "compute.instanceGroups.update"]],
      ["machines", ["compute.instanceTemplates.get", "compute.instanceTemplates.useReadOnly"]],
      ...LAUNCH,
      AWAIT.region,
    ],
    delete: [
      ["project", ["compute.instanceGroupManagers.delete", "compute.instanceGroups.delete"]],
      ["machines", ["compute.instances.delete"]],
      AWAIT.region,
    ],
  },
  google_compute_region_instance_template: {
    read: [["machines", ["compute.instanceTemplates.get"]]],
    create: [["machines", ["compute.instanceTemplates.create"]], ...LAUNCH, AWAIT.region],
    update: [],
    delete: [["machines", ["compute.instanceTemplates.delete"]], AWAIT.region],
  },
  google_service_account: {
    read: [["project", ["iam.serviceAccounts.get"]]],
    create: [["project", ["iam.serviceAccounts.create"]]],
    update: [["project", ["iam.serviceAccounts.update"]]],
    delete: [["project", ["iam.serviceAccounts.delete"]]],
  },
};
