import { csiPolicies } from "../../../constructs/platform/aws/csi-policies";
import { CsiDriver } from "../../../model/csi-drivers";
import { awsStack, ofType } from "../../helpers/aws";
import { drivers, fleetWith } from "../../helpers/csi";
import { awsFleet, spoil } from "../../helpers/fleet";

const ebs = fleetWith("disks", drivers["aws-ebs"]!);
const efs = fleetWith("files", drivers["aws-efs"]!);
const EFS = "arn:aws:elasticfilesystem:eu-central-1:*:file-system/fs-0123456789abcdef0";
const statementsOf = (fleet: typeof ebs, pool: string) =>
  csiPolicies(fleet, pool).flatMap(({ statements }) => statements);
const allowed = (fleet: typeof ebs, pool: string, action: string) =>
  statementsOf(fleet, pool).filter(({ actions }) => actions.includes(action));

describe("permissions of CSI plugins on AWS", () => {
  test("are those of the plugin's pools, as policies of their roles", () => {
    const policies = ofType(awsStack(efs), "aws_iam_role_policy");
    expect(
      Object.keys(policies)
        .filter((id) => id.includes("csi-"))
        .sort(),
    ).toEqual(["Pools_batch_Role_csi-files-controller", "Pools_l4_Role_csi-files-node"]);
    const names = (fleet: typeof ebs) =>
      Object.keys(ofType(awsStack(fleet), "aws_iam_role_policy")).filter((id) => id.includes("csi-"));
    expect(names(ebs)).toEqual(["Pools_batch_Role_csi-disks-controller"]);
    expect(names(awsFleet())).toEqual([]);
  });

  test("go with the plugin", () => {
    const retired = spoil(ebs, "regions.cloud.storage.plugins.disks.retired", { reason: "moved" });
    expect(csiPolicies(retired, "batch")).toEqual([]);
  });

  test("to change a disk are for those that the driver made for this fleet", () => {
    const tags = { "steppe:fleet": "small", "ebs.csi.aws.com/cluster": "true" };
    const condition = (which: string) => ({
      StringEquals: Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${which}Tag/${key}`, value])),
    });
    for (const action of ["ec2:DeleteVolume", "ec2:ModifyVolume", "ec2:DeleteSnapshot"])
      for (const statement of allowed(ebs, "batch", action)) expect(statement.condition).toEqual(condition("Resource"));
    const [attach, machine] = allowed(ebs, "batch", "ec2:AttachVolume");
    expect(attach?.condition).toEqual(condition("Resource"));
    expect(machine).toMatchObject({
      resources: ["arn:aws:ec2:eu-central-1:*:instance/*"],
      condition: { StringEquals: { "aws:ResourceTag/steppe:fleet": "small", "aws:ResourceTag/steppe:pool": ["l4"] } },
    });
    expect(allowed(ebs, "batch", "ec2:CreateVolume")[0]?.condition).toEqual(condition("Request"));
  });

  test("without a condition are to see, or for the fleet's own file systems and keys", () => {
    const unlimited = [...statementsOf(ebs, "batch"), ...statementsOf(efs, "batch"), ...statementsOf(efs, "l4")].filter(
      ({ condition }) => condition === undefined,
    );
    const changes = unlimited.filter(({ actions }) => actions.some((action) => !/:Describe/.test(action)));
    expect(changes.map(({ resources }) => resources)).toEqual([
      ["arn:aws:kms:eu-central-1:123456789012:key/0123abcd"],
      [EFS],
    ]);
  });

  test("to make access points are for the file systems that the fleet names", () => {
    expect(allowed(efs, "batch", "elasticfilesystem:CreateAccessPoint")).toMatchObject([{ resources: [EFS] }]);
    expect(allowed(efs, "l4", "elasticfilesystem:CreateAccessPoint")).toEqual([]);
    expect(allowed(efs, "l4", "elasticfilesystem:ClientMount")).toMatchObject([{ resources: [EFS] }]);
  });

  test("name no key where the account's own encrypts", () => {
    expect(JSON.stringify(csiPolicies(fleetWith("disks", CsiDriver.awsEbs()), "batch"))).not.toContain("kms");
  });

  test("are in the tags that the driver gives", () => {
    const args = (name: string) => drivers[name]?.programs.controller?.args;
    expect(args("aws-ebs")).toContain("--extra-tags=steppe:fleet=${NOMAD_META_fleet}");
    expect(args("aws-efs")).toContain("--tags=steppe-fleet:${NOMAD_META_fleet}");
  });

  test("together fit into a role", () => {
    for (const pool of ["batch", "l4"])
      expect(JSON.stringify([...csiPolicies(ebs, pool), ...csiPolicies(efs, pool)]).length).toBeLessThan(8000);
  });
});
