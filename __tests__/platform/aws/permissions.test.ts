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
import { awsFleets, awsStack, everyResource, trustOf } from "../../helpers/aws";

const actionsOf = (documents: readonly PolicyDocument[]) =>
  documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
const SEES = /^[a-z0-9]+:(Describe|Get|List)/;

describe("permissions on AWS", () => {
  test("are listed for every type of resource that Steppe makes, and for no other", () => {
    const stacks = Object.values(awsFleets()).map((fleet) => awsStack(fleet, { trust: trustOf(1) }));
    const made = new Set(everyResource(stacks).flatMap(({ type }) => (type.startsWith("aws_") ? [type] : [])));
    expect(Object.keys(PERMISSIONS).sort()).toEqual([...made].sort());
  });

  test("of a plan are to see, and no value of a secret", () => {
    const actions = actionsOf(plannerPolicies("example"));
    expect(actions.filter((action) => !SEES.test(action))).toEqual([]);
    expect(actions).not.toContain("secretsmanager:GetSecretValue");
    expect(actions.length).toBeGreaterThan(50);
  });

  test("hold those of a plan", () => {
    const all = new Set(actionsOf(deployerPolicies("example")));
    expect(actionsOf(plannerPolicies("example")).filter((action) => !all.has(action))).toEqual([]);
  });

  test("to change anything are for what is the fleet's, but where AWS cannot tell", () => {
    const statements = deployerPolicies("example").flatMap(({ Statement }) => Statement);
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
     ]
    `);
    const secret = statements.filter(({ Action }) => Action.includes("secretsmanager:GetSecretValue"));
    expect(secret.map(({ Resource }) => Resource)).toEqual([["arn:aws:secretsmanager:*:*:secret:example/*"]]);
  });

  test("to pass on roles are for the fleet's, to EC2 and its flow logs", () => {
    const statements = deployerPolicies("example").flatMap(({ Statement }) => Statement);
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

  test.each(["x", "x".repeat(63)])("are documents that IAM takes, for a fleet named %s", (fleet) => {
    for (const document of [...deployerPolicies(fleet), ...plannerPolicies(fleet)])
      expect(JSON.stringify(document).length).toBeLessThanOrEqual(MAXIMUM_POLICY_CHARACTERS);
  });

  test("in the documentation are those of the code", () => {
    expect(readFileSync(join(__dirname, "../../../docs/aws-permissions.md"), "utf8")).toBe(permissionPage());
  });
});
