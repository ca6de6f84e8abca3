import { AWAIT, type TypePermissions } from "./permission-grants";

/** What Terraform does with load balancers and their names. By type of resource. */
export const ACCESS_PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  google_compute_address: {
    read: [["project", ["compute.addresses.get"]]],
    create: [["project", ["compute.addresses.create", "compute.addresses.setLabels"]], AWAIT.region],
    update: [["project", ["compute.addresses.setLabels"]], AWAIT.region],
    delete: [["project", ["compute.addresses.delete"]], AWAIT.region],
  },
  google_compute_forwarding_rule: {
    read: [["project", ["compute.forwardingRules.get"]]],
    create: [
      [
        "project",
        [
          "compute.addresses.get",
          "compute.addresses.use",
          "compute.forwardingRules.create",
          "compute.forwardingRules.setLabels",
          "compute.regionBackendServices.get",
          "compute.regionBackendServices.use",
        ],
      ],
      AWAIT.region,
    ],
    update: [["project", ["compute.forwardingRules.setLabels"]], AWAIT.region],
    delete: [["project", ["compute.forwardingRules.delete"]], AWAIT.region],
  },
  google_compute_instance_group: {
    read: [["project", ["compute.instanceGroups.get", "compute.instanceGroups.list"]]],
    create: [["project", ["compute.instanceGroups.create"]], AWAIT.zone],
    update: [],
    delete: [["project", ["compute.instanceGroups.delete"]], AWAIT.zone],
  },
  // A part of its group.
  google_compute_instance_group_membership: {
    read: [["project", ["compute.instanceGroups.get", "compute.instanceGroups.list"]]],
    create: [
      ["project", ["compute.instanceGroups.update"]],
      ["machines", ["compute.instances.get", "compute.instances.use"]],
      AWAIT.zone,
    ],
    update: [],
    delete: [["project", ["compute.instanceGroups.update"]], ["machines", ["compute.instances.get"]], AWAIT.zone],
  },
  google_compute_region_backend_service: {
    read: [["project", ["compute.regionBackendServices.get"]]],
    create: [
      [
        "project",
        [
          "compute.instanceGroups.get",
          "compute.instanceGroups.use",
          "compute.regionBackendServices.create",
          "compute.regionHealthChecks.get",
          "compute.regionHealthChecks.useReadOnly",
        ],
      ],
      AWAIT.region,
    ],
    // A zone more or less has a group more or less.
    update: [
      [
        "project",
        [
          "compute.instanceGroups.get",
          "compute.instanceGroups.use",
          "compute.regionBackendServices.update",
          "compute.regionHealthChecks.get",
          "compute.regionHealthChecks.useReadOnly",
        ],
      ],
      AWAIT.region,
    ],
    delete: [["project", ["compute.regionBackendServices.delete"]], AWAIT.region],
  },
  google_compute_region_health_check: {
    read: [["project", ["compute.regionHealthChecks.get"]]],
    create: [["project", ["compute.regionHealthChecks.create"]], AWAIT.region],
    update: [],
    delete: [["project", ["compute.regionHealthChecks.delete"]], AWAIT.region],
  },
  // Changes of a zone's records, of which each is asked for by itself.
  google_dns_record_set: {
    read: [["zones", ["dns.resourceRecordSets.get", "dns.resourceRecordSets.list"]]],
    create: [["zones", ["dns.changes.create", "dns.changes.get", "dns.resourceRecordSets.create"]]],
    update: [
      [
        "zones",
        [
          "dns.changes.create",
          "dns.changes.get",
          "dns.resourceRecordSets.create",
          "dns.resourceRecordSets.delete",
          "dns.resourceRecordSets.update",
        ],
      ],
    ],
    delete: [["zones", ["dns.changes.create", "dns.changes.get", "dns.resourceRecordSets.delete"]]],
  },
};
