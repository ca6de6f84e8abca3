import { fleet as example } from "../../fleets/example";
import { identitiesAt, secretsVariable } from "../../model/identities";
import { AWS_PROVIDER, awsFiles, awsOverride } from "../helpers/aws-provider";
import { spoil } from "../helpers/fleet";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";

afterAll(removeTerraformDirs);

const PROVIDERS = [AWS_PROVIDER, "tailscale/tailscale"];
/** A test of Terraform's destroys what it made. */
const fleet = spoil(example, "regions.eu-aws.servers.disposable", { reason: "a test takes it away" });
const site = synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get("example-site-aws-frankfurt") as StackDocument;

/** Address of the resource of a type whose id begins so, behind what all have in common. */
function address(type: string, begin: string): string {
  const found = Object.keys(site.resource?.[type] ?? {}).filter((id) => id.startsWith(`Machines_${begin}_`));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} begin with ${begin}`);
  return `${type}.${found[0]}`;
}

/** The stack without its deliveries: mocked machines answer no SSH. */
function withoutProvisioners({ resource, ...stack }: StackDocument): StackDocument {
  const data = Object.entries(resource?.["terraform_data"] ?? {}).map(([id, { provisioner: _, ...rest }]) => [
    id,
    rest,
  ]);
  return { ...stack, resource: { ...resource, terraform_data: Object.fromEntries(data) } };
}

const secrets = identitiesAt(fleet, "aws-frankfurt").map(
  (identity) => `    ${secretsVariable(identity)} = "of ${identity.name}"`,
);
const roles = ["l40s", "l4-spot", "graviton"].map((pool) => ({ role: `Pools_${pool}_Role`, entry: `client-${pool}` }));

/** What holds of an apply whatever ids AWS and Tailscale make up. */
const claims: readonly (readonly [claim: string, condition: string])[] = [
  ...[...roles, { role: "Servers-eu-aws_Role", entry: "server-eu-aws" }].map(
    ({ role, entry }) =>
      [
        `${role} reads the entry of ${entry} and no other`,
        `jsondecode(${address("aws_iam_role_policy", `${role}_own-secret`)}.policy).Statement[*].Resource == [[${address("aws_secretsmanager_secret", `Secrets_${entry}_Secret`)}.arn]]`,
      ] as const,
  ),
  ...["l40s", "l4-spot", "graviton"].map(
    (pool) =>
      [
        `user data of ${pool} with the tailnet's name for it fits`,
        `length(${address("aws_launch_template", `Pools_${pool}_Template`)}.user_data) <= 4 * ceil(16384 / 3)`,
      ] as const,
  ),
  ...[1, 2, 3].map(
    (n) =>
      [
        `server ${n} has its own volume`,
        `${address("aws_volume_attachment", `Servers-eu-aws_example-eu-aws-${n}_Attachment`)}.volume_id == ${address("aws_ebs_volume", `Servers-eu-aws_example-eu-aws-${n}_Data`)}.id`,
      ] as const,
  ),
];

/** What the provider checks the shape of, so that no made-up word will do. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws_cloudwatch_log_group: { arn: "arn:aws:logs:eu-central-1:123456789012:log-group:made-up" },
  aws_iam_instance_profile: { arn: "arn:aws:iam::123456789012:instance-profile/made-up" },
  aws_iam_role: { arn: "arn:aws:iam::123456789012:role/made-up" },
  aws_launch_template: { id: "lt-0123456789abcdef0" },
};
const shapes = Object.entries(SHAPES).map(
  ([type, defaults]) => `  mock_resource "${type}" {\n    defaults = ${JSON.stringify(defaults)}\n  }\n`,
);

const text = `mock_provider "aws" {
${shapes.join("")}}
mock_provider "tailscale" {}

run "an_apply" {
  command = apply
  variables {
${secrets.join("\n")}
  }
${claims
  .map(
    ([claim, condition]) => `  assert {
    condition     = ${condition}
    error_message = "not so: ${claim}"
  }`,
  )
  .join("\n")}
}
`;

describeWithTerraform("the example fleet's AWS site, with every answer of AWS and Tailscale made up", PROVIDERS, () => {
  test("applies, and what is only known then is as it should be", () => {
    const files = { ...awsFiles(withoutProvisioners(site), awsOverride()), "site.tftest.hcl": text };
    const directory = terraformDir(files, PROVIDERS);
    runTerraform(directory, "init", "-backend=false");
    expect(runTerraform(directory, "test", "-no-color")).toMatch(/Success! 1 passed, 0 failed\./);
  }, 300_000);
});
