import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gcpPermissionPage } from "../../../constructs/platform/gcp/permission-page";
import { gcpPermissionSubject } from "../../../constructs/platform/gcp/permission-subject";
import { PERMISSIONS } from "../../../constructs/platform/gcp/permission-table";
import { deployerRoles, type GcpRole, plannerRoles } from "../../../constructs/platform/gcp/permissions";
import { fleet as example } from "../../../fleets/example";
import type { Fleet } from "../../../model/types";
import { everyResource, trustOf } from "../../helpers/aws";
import { gcpExternalFleet, gcpFleet, spoil } from "../../helpers/fleet";
import { gcpFleets, gcpStack } from "../../helpers/gcp";
import { conditionHolds as holds } from "../../helpers/gcp-conditions";
import { gcpKinds } from "../../helpers/gcp-kinds";

const deployer = (fleet: Fleet) => deployerRoles(gcpPermissionSubject(fleet));
const planner = (fleet: Fleet) => plannerRoles(gcpPermissionSubject(fleet));
const permissionsOf = (roles: readonly GcpRole[]) => roles.flatMap(({ definition }) => definition.includedPermissions);
const at = (roles: readonly GcpRole[], place: string): GcpRole => {
  const found = roles.filter((role) => role.place === place);
  if (found.length !== 1) throw new Error(`${found.length} roles for ${place}`);
  return found[0] as GcpRole;
};
const SEES = /\.(get|list|getIamPolicy)$/;

describe("permissions on Google Cloud", () => {
  test("are listed for every type of resource that Steppe makes, and for no other", () => {
    const stacks = Object.values(gcpKinds()).map((fleet) => gcpStack(fleet, { trust: trustOf(1) }));
    const made = new Set(everyResource(stacks).flatMap(({ type }) => (type.startsWith("google_") ? [type] : [])));
    expect(Object.keys(PERMISSIONS).sort()).toEqual([...made].sort());
  });

  test.each(Object.entries(PERMISSIONS))("are there to read, make and remove %s", (_, type) => {
    for (const act of ["read", "create", "delete"] as const) expect(type[act].length).toBeGreaterThan(0);
    const changes = [...type.create, ...type.delete].flatMap(([, permissions]) => permissions);
    expect(changes.every((permission) => /^[a-z]+(\.[a-zA-Z]+){2}$/.test(permission))).toBe(true);
    expect(type.read.flatMap(([, permissions]) => permissions).filter((permission) => !SEES.test(permission))).toEqual(
      [],
    );
  });

  test("of a plan are to see, and no value of a secret", () => {
    const permissions = permissionsOf(planner(gcpFleets().existing));
    expect(permissions.filter((permission) => !SEES.test(permission))).toEqual([]);
    expect(permissions.length).toBeGreaterThan(12);
  });

  test("hold those of a plan, place by place", () => {
    const roles = deployer(gcpFleet());
    for (const { place, definition } of planner(gcpFleet())) {
      const all = at(roles, place).definition.includedPermissions;
      expect(definition.includedPermissions.filter((permission) => !all.includes(permission))).toEqual([]);
    }
  });

  test("never reach what secrets and buckets hold, nor change what accounts may do", () => {
    const all = permissionsOf([...deployer(example), ...planner(example)]);
    const secretManager = all.filter((permission) => permission.startsWith("secretmanager.versions."));
    expect(new Set(secretManager)).toEqual(
      new Set(["add", "destroy", "enable", "get"].map((verb) => `secretmanager.versions.${verb}`)),
    );
    expect(all.filter((permission) => permission.startsWith("storage.objects."))).toEqual([]);
    expect(all.filter((permission) => /setIamPolicy$/.test(permission)).sort()).toEqual([
      "secretmanager.secrets.setIamPolicy",
      "storage.buckets.setIamPolicy",
    ]);
    expect(
      all.filter((permission) => /serviceAccountKeys|signBlob|signJwt|getAccessToken|projects\./.test(permission)),
    ).toEqual([]);
  });

  test("to be an account are bound to each of the fleet's, and to nothing else", () => {
    const roles = deployer(gcpFleet()).filter(({ definition }) =>
      definition.includedPermissions.includes("iam.serviceAccounts.actAs"),
    );
    const account = (id: string) => `projects/acme-fleet/serviceAccounts/${id}@acme-fleet.iam.gserviceaccount.com`;
    expect(roles.map(({ place, definition, resources }) => [place, definition.includedPermissions, resources])).toEqual(
      [
        [
          "accounts",
          ["iam.serviceAccounts.actAs"],
          ["server-cloud", "client-h100", "client-l4", "client-t4", "client-batch", "client-arm"].map((identity) =>
            account(`small-${identity}`),
          ),
        ],
      ],
    );
  });

  test("are bound to the project alone where nothing is shared", () => {
    const roles = deployer(spoil(gcpFleet(), "pools.h100.image", undefined));
    expect(roles.map(({ place, resources }) => [place, resources]).filter(([place]) => place !== "accounts")).toEqual(
      ["project", "machines", "secrets", "buckets", "network", "subnets"].map((place) => [
        place,
        ["projects/acme-fleet"],
      ]),
    );
  });

  test("are bound in other projects to what is used there: network, subnet, images", () => {
    const roles = deployer(gcpFleets().existing).filter(({ project }) => project !== "acme-fleet");
    expect(roles.map(({ place, project, resources }) => [place, project, resources])).toEqual([
      ["network", "acme-network", ["projects/acme-network"]],
      ["subnets", "acme-network", ["projects/acme-network/regions/europe-west4/subnetworks/fleet"]],
      ["images", "acme-images", ["projects/acme-images"]],
    ]);
    expect(at(roles, "subnets").definition.includedPermissions).toEqual([
      "compute.subnetworks.get",
      "compute.subnetworks.use",
      "compute.subnetworks.useExternalIp",
    ]);
    expect(at(roles, "images").definition.includedPermissions).toEqual(["compute.images.useReadOnly"]);
  });

  test("for records are bound where the zones are", () => {
    const roles = deployer(spoil(gcpExternalFleet(), "regions.cloud.externalAccess.zone.project", "acme-dns"));
    expect(at(roles, "zones").resources).toEqual(["projects/acme-dns"]);
    expect(at(deployer(gcpExternalFleet()), "zones").resources).toEqual(["projects/acme-fleet"]);
    expect(deployer(gcpFleet()).map(({ place }) => place)).not.toContain("zones");
  });

  test.each([
    ["secrets", "secretmanager.googleapis.com/Secret", "projects/12/secrets/", "_client-gpu"],
    ["secrets", "secretmanager.googleapis.com/SecretVersion", "projects/12/secrets/", "_client-gpu/versions/3"],
    ["machines", "compute.googleapis.com/Instance", "projects/acme-fleet/zones/europe-west4-a/instances/", "-eu-1"],
    ["machines", "compute.googleapis.com/Disk", "projects/acme-fleet/zones/europe-west4-a/disks/", "-eu-1-data"],
    ["machines", "compute.googleapis.com/Snapshot", "projects/acme-fleet/global/snapshots/", "-eu-1-data-2026"],
    [
      "machines",
      "compute.googleapis.com/InstanceTemplate",
      "projects/p/regions/europe-west4/instanceTemplates/",
      "-gpu-1",
    ],
    ["network", "compute.googleapis.com/Firewall", "projects/acme-fleet/global/firewalls/", "-cloud-closed"],
    ["buckets", "storage.googleapis.com/Bucket", "projects/_/buckets/", "-eu-snapshots"],
  ])("for %s hold for this fleet's %s, and for no other's", (place, type, collection, own) => {
    const role = at(deployer(gcpFleet()), place);
    expect(holds(role, type, `${collection}small${own}`)).toBe(true);
    expect(holds(role, type, `${collection}other${own}`)).toBe(false);
    expect(holds(role, type, `${collection}not-small${own}`)).toBe(false);
    // What makes a thing is asked of its project.
    expect(holds(role, "cloudresourcemanager.googleapis.com/Project", "projects/12")).toBe(true);
  });

  test("for a bucket of another name hold for that one alone", () => {
    const role = at(deployer(gcpKinds()["a bucket that exists"] as Fleet), "buckets");
    const bucket = (name: string) => holds(role, "storage.googleapis.com/Bucket", `projects/_/buckets/${name}`);
    expect([bucket("shared"), bucket("shared-too"), bucket("small-x")]).toEqual([true, false, true]);
  });

  test("without a condition are for what has no names in conditions", () => {
    const roles = deployer(gcpFleets().existing).filter(({ condition }) => condition === undefined);
    const changes = roles.map(({ place, definition }) => [
      place,
      definition.includedPermissions.filter((permission) => !SEES.test(permission)).join(" "),
    ]);
    expect(Object.fromEntries(changes)).toMatchInlineSnapshot(`
     {
       "accounts": "iam.serviceAccounts.actAs",
       "images": "compute.images.useReadOnly",
       "project": "compute.addresses.create compute.addresses.delete compute.addresses.setLabels compute.addresses.use compute.forwardingRules.create compute.forwardingRules.delete compute.forwardingRules.setLabels compute.instanceGroupManagers.create compute.instanceGroupManagers.delete compute.instanceGroupManagers.update compute.instanceGroups.create compute.instanceGroups.delete compute.instanceGroups.update compute.instanceGroups.use compute.networks.create compute.networks.delete compute.networks.update compute.networks.updatePolicy compute.regionBackendServices.create compute.regionBackendServices.delete compute.regionBackendServices.update compute.regionBackendServices.use compute.regionHealthChecks.create compute.regionHealthChecks.delete compute.regionHealthChecks.useReadOnly compute.routers.create compute.routers.delete compute.routers.update compute.subnetworks.create compute.subnetworks.delete compute.subnetworks.expandIpCidrRange compute.subnetworks.setPrivateIpGoogleAccess compute.subnetworks.update iam.serviceAccounts.create iam.serviceAccounts.delete iam.serviceAccounts.update",
       "subnets": "compute.subnetworks.use compute.subnetworks.useExternalIp",
     }
    `);
  });

  test.each(["x", "a-name-as-long-as-20"])("are roles that IAM takes, for a fleet named %s", (name) => {
    const subject = { ...gcpPermissionSubject(gcpFleets().existing), fleet: name, buckets: ["one", "two", "three"] };
    for (const { roleId, definition, condition } of [...deployerRoles(subject), ...plannerRoles(subject)]) {
      expect(roleId).toMatch(/^[a-zA-Z0-9_.]{3,64}$/);
      expect(definition.title.length).toBeLessThanOrEqual(100);
      expect(definition.description.length).toBeLessThanOrEqual(256);
      // https://cloud.google.com/iam/quotas#limits
      expect((condition?.expression ?? "").split(/&&|\|\||!(?!=)/).length - 1).toBeLessThanOrEqual(12);
    }
  });

  test("name no account of servers that are gone", () => {
    const roles = deployer(spoil(gcpFleet(), "regions.cloud.retired", { reason: "moved" }));
    expect(at(roles, "accounts").resources.some((resource) => resource.includes("server-cloud"))).toBe(false);
    expect(at(roles, "accounts").resources).toHaveLength(5);
  });

  test("in the documentation are those of the code", () => {
    expect(readFileSync(join(__dirname, "../../../docs/gcp-permissions.md"), "utf8")).toBe(gcpPermissionPage());
  });
});
