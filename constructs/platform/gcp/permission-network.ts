import { AWAIT, type Grant, type TypePermissions } from "./permission-grants";

/** Subnets, routers and rules are parts of a network. */
const PART: Grant = ["project", ["compute.networks.updatePolicy"]];

/** What Terraform does with networks. By type of resource. */
export const NETWORK_PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  google_compute_firewall: {
    read: [["network", ["compute.firewalls.get"]]],
    create: [
      ["network", ["compute.firewalls.create", "compute.globalOperations.get", "compute.networks.updatePolicy"]],
    ],
    update: [
      ["network", ["compute.firewalls.update", "compute.globalOperations.get", "compute.networks.updatePolicy"]],
    ],
    delete: [
      ["network", ["compute.firewalls.delete", "compute.globalOperations.get", "compute.networks.updatePolicy"]],
    ],
  },
  google_compute_network: {
    read: [["project", ["compute.networks.get"]]],
    create: [["project", ["compute.networks.create"]], AWAIT.global],
    update: [["project", ["compute.networks.update"]], PART, AWAIT.global],
    delete: [["project", ["compute.networks.delete"]], AWAIT.global],
  },
  google_compute_router: {
    read: [["project", ["compute.routers.get"]]],
    create: [["project", ["compute.routers.create"]], PART, AWAIT.region],
    update: [["project", ["compute.routers.update"]], PART, AWAIT.region],
    delete: [["project", ["compute.routers.delete"]], PART, AWAIT.region],
  },
  // A part of its router: made, changed and removed with that.
  google_compute_router_nat: {
    read: [["project", ["compute.routers.get"]]],
    create: [["project", ["compute.routers.update"]], PART, ["subnets", ["compute.subnetworks.use"]], AWAIT.region],
    update: [["project", ["compute.routers.update"]], PART, ["subnets", ["compute.subnetworks.use"]], AWAIT.region],
    delete: [["project", ["compute.routers.update"]], PART, AWAIT.region],
  },
  google_compute_subnetwork: {
    read: [["project", ["compute.subnetworks.get"]]],
    create: [["project", ["compute.subnetworks.create"]], PART, AWAIT.region],
    update: [
      [
        "project",
        [
          "compute.subnetworks.expandIpCidrRange",
          "compute.subnetworks.setPrivateIpGoogleAccess",
          "compute.subnetworks.update",
        ],
      ],
      PART,
      AWAIT.region,
    ],
    delete: [["project", ["compute.subnetworks.delete"]], PART, AWAIT.region],
  },
};
