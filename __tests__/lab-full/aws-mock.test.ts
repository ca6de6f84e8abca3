import { fleet as example } from "../../fleets/example";
import { identitiesAt } from "../../model/identities";
import { AWS_PROVIDER, awsOverride } from "../helpers/aws-provider";
import { spoil } from "../helpers/fleet";
import { addressIn, type Claim, mockApply, type Shapes } from "../helpers/mock-apply";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs } from "../helpers/terraform";

afterAll(removeTerraformDirs);

/** A test of Terraform's destroys what it made. */
const fleet = spoil(example, "regions.eu-aws.servers.disposable", { reason: "a test takes it away" });
const site = synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get("example-site-aws-frankfurt") as StackDocument;

const address = (type: string, begin: string) => addressIn(site, type, begin);
const pools = ["l40s", "l4-spot", "graviton"];
const roles = pools.map((pool) => ({ role: `Pools_${pool}_Role`, entry: `client-${pool}` }));

const claims: readonly Claim[] = [
  ...[...roles, { role: "Servers-eu-aws_Role", entry: "server-eu-aws" }].map(({ role, entry }): Claim => [
    `${role} reads the entry of ${entry} and no other`,
    `jsondecode(${address("aws_iam_role_policy", `${role}_own-secret`)}.policy).Statement[*].Resource == [[${address("aws_secretsmanager_secret", `Secrets_${entry}_Secret`)}.arn]]`,
  ]),
  ...pools.map((pool): Claim => [
    `user data of ${pool} with the tailnet's name for it fits`,
    `length(${address("aws_launch_template", `Pools_${pool}_Template`)}.user_data) <= 4 * ceil(16384 / 3)`,
  ]),
  ...[1, 2, 3].map((n): Claim => [
    `server ${n} has its own volume`,
    `${address("aws_volume_attachment", `Servers-eu-aws_example-eu-aws-${n}_Attachment`)}.volume_id == ${address("aws_ebs_volume", `Servers-eu-aws_example-eu-aws-${n}_Data`)}.id`,
  ]),
];

/** What the provider checks the shape of, so that no made-up word will do. */
const shapes: Shapes = {
  aws_cloudwatch_log_group: { arn: "arn:aws:logs:eu-central-1:123456789012:log-group:made-up" },
  aws_iam_instance_profile: { arn: "arn:aws:iam::123456789012:instance-profile/made-up" },
  aws_iam_role: { arn: "arn:aws:iam::123456789012:role/made-up" },
  aws_launch_template: { id: "lt-0123456789abcdef0" },
};
const providers = { [AWS_PROVIDER]: shapes, "tailscale/tailscale": {} };

describeWithTerraform(
  "the example fleet's AWS site, with every answer of AWS and Tailscale made up",
  Object.keys(providers),
  () => {
    test("applies, and what is only known then is as it should be", () => {
      const identities = identitiesAt(fleet, "aws-frankfurt");
      const said = mockApply({ stack: site, override: awsOverride(), providers, identities, claims });
      expect(said).toMatch(/Success! 1 passed, 0 failed\./);
    }, 300_000);
  },
);
