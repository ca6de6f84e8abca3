import { isHostedZone } from "../../../model/access";
import { bucketName } from "../../../model/backups";
import { imageProjectOf, networkProjectOf } from "../../../model/gcp-links";
import { gcpAccountEmail, gcpAccountId } from "../../../model/gcp-names";
import type { GcpSite } from "../../../model/gcp-types";
import { identitiesAt, type MachineIdentity } from "../../../model/identities";
import { regionOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import type { BoundTo } from "./permission-places";

/** What permissions are limited to. */
export interface GcpPermissionSubject {
  /** Name of the fleet. */
  readonly fleet: string;
  /** Projects of its sites on Google Cloud. */
  readonly projects: readonly string[];
  /** Projects of their networks: with Shared VPC others. */
  readonly networkProjects: readonly string[];
  /** Subnets that exist, or projects in which they are made. */
  readonly subnetworks: readonly BoundTo[];
  /** Projects of images that are not everybody's. */
  readonly imageProjects: readonly string[];
  /** Projects of the zones that records are made in. */
  readonly zoneProjects: readonly string[];
  /** Service accounts of the machines. */
  readonly accounts: readonly BoundTo[];
  /** Buckets whose names do not begin with the fleet's. */
  readonly buckets: readonly string[];
}

/** Projects whose images Google lets everybody use. @see https://cloud.google.com/compute/docs/images/os-details */
const PUBLIC_IMAGES: ReadonlySet<string> = new Set([
  "centos-cloud",
  "cos-cloud",
  "debian-cloud",
  "deeplearning-platform-release",
  "fedora-cloud",
  "opensuse-cloud",
  "oracle-linux-cloud",
  "rhel-cloud",
  "rocky-linux-accelerator-cloud",
  "rocky-linux-cloud",
  "suse-cloud",
  "ubuntu-os-accelerator-images",
  "ubuntu-os-cloud",
  "ubuntu-os-pro-cloud",
]);

type NamedSite = readonly [name: string, site: GcpSite];

/** What a fleet's permissions are limited to; what is retired is among it, since it is still to be removed. */
export function gcpPermissionSubject(fleet: Fleet): GcpPermissionSubject {
  const sites = Object.entries(fleet.sites).flatMap(([name, site]): NamedSite[] =>
    site.platform === "gcp" ? [[name, site]] : [],
  );
  return {
    fleet: fleet.name,
    projects: distinct(sites.map(([, { project }]) => project)),
    networkProjects: distinct(sites.map(([, site]) => networkOf(site))),
    subnetworks: distinctBy(sites.map(([, site]) => subnetOf(site))),
    imageProjects: distinct(images(fleet, sites).flatMap((image) => imageProjectOf(image) ?? [])).filter(
      (project) => !PUBLIC_IMAGES.has(project),
    ),
    zoneProjects: distinct(zoneProjects(fleet, sites)),
    accounts: distinctBy(sites.flatMap(([name, { project }]) => accountsAt(fleet, name, project))),
    buckets: distinct(bucketsOf(fleet, sites)).filter((name) => !name.startsWith(`${fleet.name}-`)),
  };
}

function networkOf({ project, existingNetwork }: GcpSite): string {
  return (existingNetwork === undefined ? undefined : networkProjectOf(existingNetwork)) ?? project;
}

function subnetOf(site: GcpSite): BoundTo {
  const project = networkOf(site);
  const link = site.existingNetwork?.subnetwork.replace(/^https:\/\/[^/]+\/compute\/v1\//, "");
  return { project, resource: link ?? `projects/${project}` };
}

function images(fleet: Fleet, sites: readonly NamedSite[]): readonly string[] {
  const names = new Set(sites.map(([name]) => name));
  const servers = Object.values(fleet.regions).flatMap(({ site, servers }) =>
    names.has(site) && "image" in servers && servers.image !== undefined ? [servers.image] : [],
  );
  const pools = Object.values(fleet.pools).flatMap(({ site, image }) =>
    names.has(site) && image !== undefined ? [image] : [],
  );
  return [...sites.flatMap(([, site]) => Object.values(site.images)), ...servers, ...pools];
}

function accountsAt(fleet: Fleet, site: string, project: string): readonly BoundTo[] {
  const hasAccount = (identity: MachineIdentity) =>
    identity.role === "client" ||
    (regionOf(fleet, identity.region).retired ?? fleet.sites[site]?.retired) === undefined;
  return identitiesAt(fleet, site)
    .filter(hasAccount)
    .map((identity) => ({
      project,
      resource: `projects/${project}/serviceAccounts/${gcpAccountEmail(project, gcpAccountId(fleet.name, identity))}`,
    }));
}

function zoneProjects(fleet: Fleet, sites: readonly NamedSite[]): readonly string[] {
  const projects = new Map(sites.map(([name, { project }]) => [name, project]));
  return Object.values(fleet.regions).flatMap(({ site, externalAccess }) => {
    const [project, zone] = [projects.get(site), externalAccess?.zone];
    return project === undefined || zone === undefined || isHostedZone(zone) ? [] : [zone.project ?? project];
  });
}

function bucketsOf(fleet: Fleet, sites: readonly NamedSite[]): readonly string[] {
  const names = new Set(sites.map(([name]) => name));
  return Object.entries(fleet.regions).flatMap(([region, { site, backups }]) => {
    if (!names.has(site) || backups?.store.kind !== "gcs") return [];
    return [bucketName(fleet.name, region, backups.store)];
  });
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

function distinctBy(all: readonly BoundTo[]): readonly BoundTo[] {
  return [...new Map(all.map((each) => [each.resource, each])).values()];
}
