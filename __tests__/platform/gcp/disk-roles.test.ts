import { runInNewContext } from "node:vm";
import { rolesConfiguration } from "../../../constructs/platform/gcp/permission-configuration";
import { diskRoles } from "../../../constructs/platform/gcp/permission-disks";
import { gcpPermissionSubject } from "../../../constructs/platform/gcp/permission-subject";
import { deployerRoles } from "../../../constructs/platform/gcp/permissions";
import { drivers, fleetWith } from "../../helpers/csi";
import { gcpFleet } from "../../helpers/fleet";

const fleet = fleetWith("disks", drivers["gcp-persistent-disk"]!);
const account = (name: string) => `projects/acme-fleet/serviceAccounts/${name}@acme-fleet.iam.gserviceaccount.com`;
const [disks, machines, ...others] = diskRoles(fleet);

/** Whether the condition holds for a resource. The expression reads as JavaScript what it reads as CEL. */
function holds(type: string, name: string): boolean {
  const extract = (template: string) => name.split(template.replace("{name}", ""))[1] ?? "";
  return runInNewContext(disks?.condition?.expression ?? "false", {
    resource: { type: `compute.googleapis.com/${type}`, name: { extract } },
  }) as boolean;
}

describe("roles of CSI controllers on Google Cloud", () => {
  test("are for the account of the controllers' pool, and none where nothing needs them", () => {
    expect(others).toEqual([]);
    expect([disks?.member, machines?.member]).toEqual([account("small-client-batch"), account("small-client-batch")]);
    expect(diskRoles(gcpFleet())).toEqual([]);
  });

  test.each([
    ["Disk", "projects/p/zones/z/disks/small-csi-cloud-data", true],
    ["Disk", "projects/p/zones/z/disks/small-cloud-1-data", false],
    ["Disk", "projects/p/zones/z/disks/other-csi-cloud-data", false],
    ["Snapshot", "projects/p/global/snapshots/small-csi-cloud-data-1", true],
    ["Snapshot", "projects/p/global/snapshots/small-cloud-1-data", false],
    ["Instance", "projects/p/zones/z/instances/small-l4-x1y2", true],
    ["Instance", "projects/p/zones/z/instances/small-h100-x1y2", false],
    ["Instance", "projects/p/zones/z/instances/small-cloud-1", false],
    ["Zone", "projects/p/zones/z", true],
  ])("for a %s named %s: %s", (type, name, expected) => {
    expect(holds(type, name)).toBe(expected);
  });

  test("let controllers act as the machines that mount, and as no other", () => {
    expect(machines?.definition.includedPermissions).toEqual(["iam.serviceAccounts.actAs"]);
    expect(machines?.resources).toEqual([account("small-client-l4")]);
  });

  test("neither change machines nor say what others may do", () => {
    const all = disks?.definition.includedPermissions ?? [];
    expect(all.filter((permission) => /setIamPolicy|^iam\./.test(permission))).toEqual([]);
    expect(all.filter((permission) => permission.startsWith("compute.instances."))).toEqual([
      "compute.instances.attachDisk",
      "compute.instances.detachDisk",
      "compute.instances.get",
      "compute.instances.list",
    ]);
  });

  test("come with the deployer's as one configuration, each account in it once", () => {
    const roles = [...deployerRoles(gcpPermissionSubject(fleet)), ...diskRoles(fleet)];
    const { resource } = rolesConfiguration(roles) as {
      readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
    };
    const accounts = Object.values(resource["google_service_account"] ?? {}).map((body) => body["account_id"]);
    expect(new Set(accounts).size).toBe(accounts.length);
    expect(accounts).toContain("small-client-batch");
    const bound = Object.values(resource["google_project_iam_member"] ?? {}).filter(
      ({ member }) => member !== "${var.member}",
    );
    expect(bound).toMatchObject([
      { member: expect.stringMatching(/^\$\{google_service_account\.[\w-]+\.member\}$/) as string },
    ]);
    const references = [...JSON.stringify(resource).matchAll(/google_service_account\.([\w-]+)\./g)].map(
      ([, id]) => id,
    );
    expect(references.filter((id) => resource["google_service_account"]?.[id ?? ""] === undefined)).toEqual([]);
    expect(new Set(roles.map(({ roleId }) => roleId)).size).toBe(roles.length);
  });
});
