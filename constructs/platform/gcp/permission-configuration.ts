import type { GcpRole } from "./permissions";

type Body = Readonly<Record<string, unknown>>;

/** Who gets the roles. */
const MEMBER = "${var.member}";

/**
 * Roles and their bindings as a configuration of Terraform, for whoever administers the projects. Service accounts that machines
 * are to be come with it, since nothing can be bound to one that is not there; the site's stack takes them over.
 *
 * @returns the document of a `.tf.json` file.
 */
export function rolesConfiguration(roles: readonly GcpRole[]): Body {
  const resources: Record<string, Record<string, Body>> = {};
  const add = (type: string, id: string, body: Body) => Object.assign((resources[type] ??= {}), { [id]: body });
  for (const role of roles) {
    const id = identifier(`${prefixOf(role)}_${role.project}`);
    const { title, description, includedPermissions: permissions } = role.definition;
    const definition = { project: role.project, role_id: role.roleId, title, description, permissions };
    add("google_project_iam_custom_role", id, definition);
    if (role.member !== undefined) add("google_service_account", identifier(role.member), accountOf(role.member));
    for (const resource of role.resources) {
      const { type, bound, account } = binding(resource);
      const name = resource === `projects/${role.project}` ? id : identifier(`${prefixOf(role)}_${resource}`);
      if (account !== undefined) add("google_service_account", identifier(resource), account);
      add(type, name, {
        ...(account === undefined
          ? bound
          : { service_account_id: `\${google_service_account.${identifier(resource)}.name}` }),
        role: `\${google_project_iam_custom_role.${id}.id}`,
        member: role.member === undefined ? MEMBER : `\${google_service_account.${identifier(role.member)}.member}`,
        ...(role.condition === undefined ? {} : { condition: [role.condition] }),
      });
    }
  }
  return {
    terraform: { required_providers: { google: { source: "hashicorp/google", version: ">= 6.0.0" } } },
    variable: {
      member: {
        type: "string",
        description: "Who gets the roles. Shape: serviceAccount:deployer@acme-fleet.iam.gserviceaccount.com",
      },
    },
    resource: resources,
  };
}

/** How a role is bound to a resource. */
function binding(resource: string): { readonly type: string; readonly bound: Body; readonly account?: Body } {
  const [, project, kind, name, , subnetwork] = resource.split("/");
  if (kind === "regions")
    return { type: "google_compute_subnetwork_iam_member", bound: { project, region: name, subnetwork } };
  if (kind === "serviceAccounts")
    return {
      type: "google_service_account_iam_member",
      bound: {},
      account: accountOf(resource),
    };
  return { type: "google_project_iam_member", bound: { project } };
}

/** A service account, which the site's stack has too. */
function accountOf(resource: string): Body {
  const [, project, , email = ""] = resource.split("/");
  return { project, account_id: email.split("@")[0], create_ignore_already_exists: true };
}

/** Roles of the machines' own accounts are many of one place. */
function prefixOf({ place, roleId, member }: GcpRole): string {
  return member === undefined ? place : roleId;
}

function identifier(text: string): string {
  return text.replaceAll(/[^\w-]+/g, "_");
}
