import { deployerPolicies, MAXIMUM_POLICY_CHARACTERS, plannerPolicies, type PolicyDocument } from "./permissions";
import type { PermissionSubject } from "./permission-subject";

const EXAMPLE: PermissionSubject = {
  fleet: "example",
  partition: "aws",
  zoneIds: ["Z0123456789ABCDEFGHIJ"],
  bucketNames: [],
};

/** The page of the documentation that holds the policies of a fleet named `example`. */
export function permissionPage(): string {
  return `# Permissions on AWS

This page is made from \`constructs/platform/aws/permission-*.ts\`, which say by type of resource what Terraform does with it; a test
holds that every type which Steppe makes is there, and another that nothing else was called while a site was planned, applied and
destroyed against moto. None of it was tried in an account of AWS: conditions and ARNs follow the
[Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).

The policies below are those of a fleet named \`example\`; \`./steppe aws permissions --fleet <fleet>\` prints yours. IAM takes ${MAXIMUM_POLICY_CHARACTERS}
characters as one managed policy, so that the first is in parts; attach all. The bucket of the states is not in them.

- Things of EC2 and load balancers are told apart by the tag \`steppe:fleet\`, all others by names that begin with the fleet's.
  Hosted zones, and buckets of other names, are those that the fleet names: attach the policies that were printed before a change of
  these until it is applied.
- Whoever may tag may claim: \`ec2:CreateTags\` gives nothing but this fleet's tag, but to whatever is in the account. An account per
  fleet is the stronger limit.
- Roles of other names cannot be passed on, and the fleet's own only to EC2 and its flow logs. Still, who makes roles with policies
  of their own can make one that may more; a permissions boundary is the account's to set.

## Applying

${documents(deployerPolicies(EXAMPLE))}

## Planning

For pull requests. No value of a secret can be read. Terraform's refresh of a state that holds an
\`aws_secretsmanager_secret_version\` reads its value (seen with provider 5.100.0), so that such a plan leaves the refresh out:

\`\`\`sh
./steppe plan --no-refresh --fleet example
\`\`\`

${documents(plannerPolicies(EXAMPLE))}
`;
}

function documents(all: readonly PolicyDocument[]): string {
  return all.map((document) => `\`\`\`json\n${JSON.stringify(document, null, 2)}\n\`\`\``).join("\n\n");
}
