import { readFileSync } from "node:fs";
import { join } from "node:path";
import { permissionPage } from "../../../constructs/platform/aws/permission-page";
import { PERMISSIONS } from "../../../constructs/platform/aws/permission-table";
import {
  deployerPolicies,
  MAXIMUM_POLICY_CHARACTERS,
  plannerPolicies,
  type PolicyDocument,
} from "../../../constructs/platform/aws/permissions";
import { type PermissionSubject, permissionSubject } from "../../../constructs/platform/aws/permission-subject";
import { awsFleets, awsStack, everyResource, trustOf } from "../../helpers/aws";
import { awsFleet, externalFleet, spoil } from "../../helpers/fleet";

const actionsOf = (documents: readonly PolicyDocument[]) =>
  documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
const SUBJECT: PermissionSubject = { fleet: "example", partition: "aws", zoneIds: ["Z0"], bucketNames: [] };
const SEES = /^[a-z0-9]+:(Describe|Get|List)/;

describe("permissions on AWS", () => {
  test("are listed for every type of resource that Steppe makes, and for no other", () => {
    const stacks = Object.values(awsFleets()).map((fleet) => awsStack(fleet, { trust: trustOf(1) }));
    const made = new Set(everyResource(stacks).flatMap(({ type }) => (type.startsWith("aws_") ? [type] : [])));
    expect(Object.keys(PERMISSIONS).sort()).toEqual([...made].sort());
  });

  test("of a plan are to see, and no value of a secret", () => {
    const actions = actionsOf(plannerPolicies(SUBJECT));
    expect(actions.filter((action) => !SEES.test(action))).toEqual([]);
    expect(actions).not.toContain("secretsmanager:GetSecretValue");
    expect(actions.length).toBeGreaterThan(50);
  });

  test("hold those of a plan", () => {
    const all = new Set(actionsOf(deployerPolicies(SUBJECT)));
    expect(actionsOf(plannerPolicies(SUBJECT)).filter((action) => !all.has(action))).toEqual([]);
  });

  test("to change anything are for what is the fleet's, but where AWS cannot tell", () => {
    const statements = deployerPolicies(SUBJECT).flatMap(({ Statement }) => Statement);
    const unlimited = statements.filter(
      ({ Resource, Condition }) => Condition === undefined && !Resource.every((arn) => arn.includes("example")),
    );
    expect(unlimited.map(({ Sid, Action }) => [Sid, Action.filter((action) => !SEES.test(action)).join(" ")]))
      .toMatchInlineSnapshot(`
     [
       [
         "Anything",
         "logs:CreateLogDelivery logs:DeleteLogDelivery",
       ],
       [
         "EC2InVpc",
         "ec2:CreateFlowLogs ec2:CreateRouteTable ec2:CreateSecurityGroup ec2:CreateSubnet",
       ],
       [
         "EC2InSubnets",
         "ec2:CreateNatGateway ec2:CreateVpcEndpoint",
       ],
       [
         "EC2Launch",
         "ec2:RunInstances",
       ],
       [
         "EC2Parts",
         "ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress",
       ],
       [
         "Zones",
         "route53:ChangeResourceRecordSets",
       ],
       [
         "ZoneChanges",
         "",
       ],
     ]
    `);
    const secret = statements.filter(({ Action }) => Action.includes("secretsmanager:GetSecretValue"));
    expect(secret.map(({ Resource }) => Resource)).toEqual([["arn:aws:secretsmanager:*:*:secret:example/*"]]);
  });

  test("to pass on roles are for the fleet's, to EC2 and its flow logs", () => {
    const statements = deployerPolicies(SUBJECT).flatMap(({ Statement }) => Statement);
    expect(statements.filter(({ Action }) => Action.includes("iam:PassRole"))).toEqual([
      {
        Sid: "PassRoles",
        Effect: "Allow",
        Action: ["iam:PassRole"],
        Resource: ["arn:aws:iam::*:role/example-*"],
        Condition: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"] } },
      },
    ]);
  });

  test("are limited to zones and buckets that the fleet names", () => {
    const fleet = spoil(externalFleet(), "regions.cloud.backups", {
      store: { kind: "s3", name: "acme-snapshots", operatorArns: ["arn:aws:iam::123456789012:role/operators"] },
    });
    const statements = deployerPolicies(permissionSubject(fleet)).flatMap(({ Statement }) => Statement);
    const on = (sid: string) => statements.find(({ Sid }) => Sid === sid)?.Resource;
    expect(on("Zones")).toEqual(["arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"]);
    expect(on("Buckets")).toEqual(["arn:aws:s3:::small-*", "arn:aws:s3:::acme-snapshots"]);
  });

  test("name no zone where the fleet names none, and the part of AWS that it is in", () => {
    const fleet = spoil(awsFleet(), "sites.cloud.awsRegion", "us-gov-west-1");
    const text = JSON.stringify(deployerPolicies(permissionSubject(fleet)));
    expect(text).toContain("arn:aws-us-gov:iam::*:role/small-*");
    expect(text).not.toMatch(/route53|arn:aws:/);
  });

  test.each(["x", "x".repeat(63)])("are documents that IAM takes, for a fleet named %s", (fleet) => {
    for (const document of [...deployerPolicies({ ...SUBJECT, fleet }), ...plannerPolicies({ ...SUBJECT, fleet })])
      expect(JSON.stringify(document).length).toBeLessThanOrEqual(MAXIMUM_POLICY_CHARACTERS);
  });

  test("in the documentation are those of the code", () => {
    expect(readFileSync(join(__dirname, "../../../docs/aws-permissions.md"), "utf8")).toBe(permissionPage());
  });
});
