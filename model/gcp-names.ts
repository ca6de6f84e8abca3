import { createHash } from "node:crypto";
import type { MachineIdentity } from "./identities";

/** Login that the operators' keys make where the fleet names none. */
export const DEFAULT_GCP_SSH_USER = "steppe";

/** Name under which a server's data disk is attached; the machine sees it at {@link GCP_DATA_DEVICE_PATH}. */
export const GCP_DATA_DEVICE = "steppe-data";

/** @see https://cloud.google.com/compute/docs/disks/disk-symlinks */
export const GCP_DATA_DEVICE_PATH = `/dev/disk/by-id/google-${GCP_DATA_DEVICE}`;

/** Longest id of a service account. @see https://cloud.google.com/iam/docs/service-accounts-create */
const MAXIMUM_ACCOUNT_ID = 30;

/** Longest name that the provider makes a snapshot's from; a disk of a longer one it would not destroy. */
const MAXIMUM_SNAPSHOT_PREFIX = 48;

/** What the ids of a fleet's secrets begin with. No name of a fleet holds `_`, so that no two fleets of a project name one. */
export const gcpSecretPrefix = (fleet: string): string => `${fleet}_`;

/**
 * Id of the secret in Secret Manager that machines of an identity read. Shape: `example_client-gpu`; ids may hold letters,
 * digits, `-` and `_`.
 *
 * @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
 */
export function gcpSecretName(fleet: string, identity: MachineIdentity): string {
  return `${gcpSecretPrefix(fleet)}${identity.name}`;
}

/**
 * Id of the service account of an identity's machines. Shape: `example-client-gpu`; one too long is cut and told apart by a
 * digest.
 */
export function gcpAccountId(fleet: string, identity: MachineIdentity): string {
  return shortened(`${fleet}-${identity.name}`, MAXIMUM_ACCOUNT_ID);
}

/**
 * Address of a service account. Shape: `example-client-gpu@acme-fleet.iam.gserviceaccount.com`; of a project `example.com:acme`
 * that of its domain.
 */
export function gcpAccountEmail(project: string, accountId: string): string {
  const [name, domain] = project.split(":").reverse();
  return `${accountId}@${name}${domain === undefined ? "" : `.${domain}`}.iam.gserviceaccount.com`;
}

/** Name of the disk that holds a server's data. Shape: `example-eu-1-data`. */
export function gcpDataDiskName(server: string): string {
  return `${server}-data`;
}

/** Beginning of the name of the snapshot that a server's data disk leaves, to which the provider adds the time. */
export function gcpSnapshotPrefix(server: string): string {
  return shortened(gcpDataDiskName(server), MAXIMUM_SNAPSHOT_PREFIX);
}

/** Name of a pool's managed instance group, and the beginning of its machines' names. Shape: `example-gpu`. */
export function gcpGroupName(fleet: string, pool: string): string {
  return `${fleet}-${pool}`;
}

/** Name of a site's network and subnet, and the network tag of its machines. Shape: `example-europe`. */
export function gcpNetworkName(fleet: string, site: string): string {
  return `${fleet}-${site}`;
}

/** A name, or where it is too long its beginning and a digest of it. */
export function shortened(name: string, maximum: number): string {
  if (name.length <= maximum) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, maximum - 9)}-${digest}`;
}

/**
 * Names of what opens a region to callers outside the tailnet, and network tag of its servers. Shape: `example-eu-access`. The names of
 * fleets and regions leave room for it in the 63 characters that Google takes.
 */
export function gcpAccessName(fleet: string, region: string): string {
  return `${fleet}-${region}-access`;
}
