import { deployerRoles, type GcpRole, plannerRoles } from "./permissions";
import type { GcpPermissionSubject } from "./permission-subject";

const EXAMPLE: GcpPermissionSubject = {
  fleet: "example",
  projects: ["acme-fleet"],
  networkProjects: ["acme-network"],
  subnetworks: [{ project: "acme-network", resource: "projects/acme-network/regions/europe-west4/subnetworks/fleet" }],
  imageProjects: ["acme-images"],
  zoneProjects: ["acme-dns"],
  accounts: [
    {
      project: "acme-fleet",
      resource: "projects/acme-fleet/serviceAccounts/example-server-eu@acme-fleet.iam.gserviceaccount.com",
    },
  ],
  buckets: ["acme-snapshots"],
};

/** The page of the documentation that holds the roles of a fleet named `example`. */
export function gcpPermissionPage(): string {
  return `# Permissions on Google Cloud

This page is made from \`constructs/platform/gcp/permission-*.ts\`, which say by type of resource what Terraform does with it to
read, make, change and remove it; a test holds that every type which Steppe makes is there, and another that nothing else was called while
Google's provider 6.50.0 made, read, changed and removed sites against a stand-in that refuses what roles and conditions do not allow
(\`__tests__/lab-full/gcp-calls.test.ts\`; external access is not among them). What Google asks beside a call, such as the use of a subnet, follows
Google's [list of permissions](https://cloud.google.com/iam/docs/permissions-reference). None of it was tried in a project of Google Cloud.

Whoever administers the projects makes the roles, before the first apply and after each change of sites, pools or images:

\`\`\`sh
./steppe gcp permissions --fleet example > deployer/roles.tf.json
terraform -chdir=deployer init
terraform -chdir=deployer apply -var member=serviceAccount:deployer@acme-fleet.iam.gserviceaccount.com
\`\`\`

The configuration is checked against the real provider. Without Terraform: \`./steppe gcp permissions --json\` lists the roles, each
\`definition\` as \`gcloud iam roles create <roleId> --project <project> --file\` takes it, with the \`resources\` that the role must be bound to and
the \`condition\` that belongs to the binding.

- A condition lets pass what it has no name of: that a thing may be made can be asked of the project. Google has names in
  conditions for machines, disks, snapshots, instance templates, firewall rules, secrets and buckets; these must begin with the
  fleet's name and a hyphen, secrets with the name and \`_\`. Nothing like it holds for networks, subnets, routers, load balancers, groups of
  machines, records and service accounts, so that whoever applies one fleet can change these of all fleets in the project. What is \`example-two\`'s also
  begins with \`example-\`, but for secrets. **A project per fleet is the stronger limit.**
- \`iam.serviceAccounts.actAs\` is bound to each of the fleet's accounts and not to the project, whose other accounts may do more. The
  configuration makes these accounts, for nothing can be bound to one that is not there; the site's stack takes them over.
- No value of a secret can be read (\`secretmanager.versions.access\`), neither to plan nor to apply: values are written only. Whoever
  applies can let others read the fleet's secrets all the same, since machines must be let in.
- Roles for images are for projects other than those whose images Google lets everybody use. What is in a bucket is the
  operators' to delete: one that is not empty is not removed. A bucket that exists in another project needs \`storage.buckets.getIamPolicy\`
  and \`storage.buckets.setIamPolicy\` there.
- Groups make machines as Google's own agent, \`<project number>@cloudservices.gserviceaccount.com\`. It may do so in its own project; with
  Shared VPC give it \`roles/compute.networkUser\` on the subnet.
- The bucket of the states is not in the roles.
- Controllers of CSI plugins with \`CsiDriver.gcpPersistentDisk()\` make and attach disks as the machines that they run on. Their roles come
  with the configuration, bound to the account of the plugin's \`controllerPool\`: disks and snapshots whose names begin with
  \`<fleet>-csi-\`, and machines of the plugin's pools (\`docs/storage.md\`).

## Applying

${sections(deployerRoles(EXAMPLE))}

## Planning

For pull requests, with or without the refresh of state.

${sections(plannerRoles(EXAMPLE))}
`;
}

function sections(roles: readonly GcpRole[]): string {
  return roles
    .map(({ roleId, resources, condition, definition }) => {
      const where = resources.map((resource) => `\`${resource}\``).join(", ");
      const limit =
        condition === undefined ? "" : `, if\n\n\`\`\`\n${condition.expression.replaceAll(" && ", " &&\n")}\n\`\`\``;
      return `### ${roleId}\n\nOn ${where}${limit}\n\n\`\`\`json\n${JSON.stringify(definition, null, 2)}\n\`\`\``;
    })
    .join("\n\n");
}
