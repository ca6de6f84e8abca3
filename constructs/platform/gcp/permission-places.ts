import { gcpSecretPrefix } from "../../../model/gcp-names";
import type { GcpPermissionSubject } from "./permission-subject";

/** Where permissions hold. */
export type Place = (typeof PLACES)[number];

/** In the order in which they are listed. */
export const PLACES = [
  "project",
  "machines",
  "secrets",
  "buckets",
  "network",
  "subnets",
  "images",
  "zones",
  "accounts",
] as const;

/** A condition of IAM. @see https://cloud.google.com/iam/docs/conditions-overview */
export interface Condition {
  readonly title: string;
  readonly expression: string;
}

/** What a place is made of. */
export interface PlaceDefinition {
  /** What is there, for people. */
  readonly holds: string;
  /** What roles are bound to. None: they are not needed. */
  readonly on: readonly BoundTo[];
  readonly condition?: Condition;
}

/** Something that roles are bound to. */
export interface BoundTo {
  /** Project that it belongs to: a role can be bound only within the project that defines it. */
  readonly project: string;
  /** Shape: `projects/acme-fleet`, `projects/acme-network/regions/europe-west4/subnetworks/fleet`. */
  readonly resource: string;
}

/**
 * What each place holds, and what roles for it are bound to.
 *
 * A condition names the types of which it knows names, and lets all others pass: what makes a thing may be asked of the project that
 * the thing will be in. Google has no names of other types in conditions, so that these are in places of their own, without one.
 *
 * @see https://cloud.google.com/iam/docs/conditions-resource-attributes
 */
export function places(subject: GcpPermissionSubject): Readonly<Record<Place, PlaceDefinition>> {
  const { fleet, projects, networkProjects, subnetworks, imageProjects, zoneProjects, accounts, buckets } = subject;
  const begin = (beginning: string, ...types: readonly NamedType[]) =>
    condition(
      fleet,
      types.map((type) => beginsWith(type, beginning)),
    );
  const whole = (names: readonly string[]) => names.map((project) => ({ project, resource: `projects/${project}` }));
  const bucket = beginsWith("storage.googleapis.com/Bucket", `${fleet}-`);
  const named = buckets.map((name) => ` || resource.name == "projects/_/buckets/${name}"`);
  return {
    project: { holds: "networks, load balancers, groups of machines and service accounts", on: whole(projects) },
    machines: {
      holds: "machines, disks and instance templates",
      on: whole(projects),
      condition: begin(
        `${fleet}-`,
        "compute.googleapis.com/Instance",
        "compute.googleapis.com/Disk",
        "compute.googleapis.com/Snapshot",
        "compute.googleapis.com/InstanceTemplate",
      ),
    },
    secrets: {
      holds: "secrets",
      on: whole(projects),
      condition: begin(
        gcpSecretPrefix(fleet),
        "secretmanager.googleapis.com/Secret",
        "secretmanager.googleapis.com/SecretVersion",
      ),
    },
    buckets: {
      holds: "buckets for snapshots",
      on: whole(projects),
      condition: condition(fleet, [bucket + named.join("")]),
    },
    network: {
      holds: "firewall rules",
      on: whole(networkProjects),
      condition: begin(`${fleet}-`, "compute.googleapis.com/Firewall"),
    },
    subnets: { holds: "use of subnets", on: subnetworks },
    images: { holds: "use of images", on: whole(imageProjects) },
    zones: { holds: "records of Cloud DNS", on: whole(zoneProjects) },
    accounts: { holds: "machines as these service accounts", on: accounts },
  };
}

/** Collection that a resource's name has its own name after, by type. */
const COLLECTIONS = {
  "compute.googleapis.com/Disk": "disks",
  "compute.googleapis.com/Firewall": "firewalls",
  "compute.googleapis.com/Instance": "instances",
  "compute.googleapis.com/InstanceTemplate": "instanceTemplates",
  "compute.googleapis.com/Snapshot": "snapshots",
  "secretmanager.googleapis.com/Secret": "secrets",
  "secretmanager.googleapis.com/SecretVersion": "secrets",
  "storage.googleapis.com/Bucket": "buckets",
} as const;

type NamedType = keyof typeof COLLECTIONS;

/** That a resource is not of a type, or has a name that begins in one of these ways. */
export function beginsWith(type: NamedType, ...beginnings: readonly string[]): string {
  const own = `resource.name.extract("/${COLLECTIONS[type]}/{name}")`;
  return [`resource.type != "${type}"`, ...beginnings.map((beginning) => `${own}.startsWith("${beginning}")`)].join(
    " || ",
  );
}

/** All of these, for what is a fleet's. */
export function condition(fleet: string, clauses: readonly string[]): Condition {
  return { title: `of fleet ${fleet}`, expression: clauses.map((clause) => `(${clause})`).join(" && ") };
}
