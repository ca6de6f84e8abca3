import type { Grant } from "./permission-grants";
import { type Condition, PLACES, places } from "./permission-places";
import type { GcpPermissionSubject } from "./permission-subject";
import { PERMISSIONS } from "./permission-table";

/** A role as `gcloud iam roles create --file` takes it. */
export interface RoleDefinition {
  readonly title: string;
  readonly description: string;
  readonly stage: "GA";
  readonly includedPermissions: readonly string[];
}

/** A role of a project's own, and where whoever needs it gets it. */
export interface GcpRole {
  /** Shape: `machines`. */
  readonly place: string;
  readonly project: string;
  /** Shape: `steppe_example_apply_machines`. */
  readonly roleId: string;
  readonly definition: RoleDefinition;
  /** What it is bound to. Shape: `projects/acme-fleet`. */
  readonly resources: readonly string[];
  readonly condition?: Condition;
  /** Service account that gets it. Shape: `projects/acme-fleet/serviceAccounts/example-client-gpu@…`. @default - whoever applies or plans */
  readonly member?: string;
}

/**
 * What whoever applies a fleet's sites on Google Cloud must be allowed: everything that Terraform does with the resources that
 * Steppe makes, on what bears the fleet's name wherever Google lets that be asked.
 */
export function deployerRoles(subject: GcpPermissionSubject): readonly GcpRole[] {
  const grants = Object.values(PERMISSIONS).flatMap((type) => [
    ...type.read,
    ...type.create,
    ...type.update,
    ...type.delete,
  ]);
  return roles(subject, "apply", grants);
}

/** What a plan needs: to read what is there. No value of a secret can be read; the provider needs none. */
export function plannerRoles(subject: GcpPermissionSubject): readonly GcpRole[] {
  return roles(
    subject,
    "plan",
    Object.values(PERMISSIONS).flatMap(({ read }) => read),
  );
}

function roles(subject: GcpPermissionSubject, act: "apply" | "plan", grants: readonly Grant[]): readonly GcpRole[] {
  const { fleet } = subject;
  const all = places(subject);
  return PLACES.flatMap((place) => {
    const { holds, on, condition } = all[place];
    const permissions = grants.flatMap(([at, names]) => (at === place ? names : []));
    if (permissions.length === 0) return [];
    return [...new Set(on.map(({ project }) => project))].map((project) => ({
      place,
      project,
      roleId: `steppe_${fleet}_${act}_${place}`.replaceAll("-", "_"),
      definition: {
        title: `Steppe ${fleet}, ${act}: ${place}`,
        description: `To ${act} fleet ${fleet}: ${holds}`,
        stage: "GA" as const,
        includedPermissions: [...new Set(permissions)].sort(),
      },
      resources: on.filter((bound) => bound.project === project).map(({ resource }) => resource),
      ...(condition === undefined ? {} : { condition }),
    }));
  });
}
