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

/**
 * Id of the secret in Secret Manager that machines of an identity read. Shape: `example-client-gpu`; ids may hold letters,
 * digits, `-` and `_`.
 *
 * @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
 */
export function gcpSecretName(fleet: string, identity: MachineIdentity): string {
  return `${fleet}-${identity.name}`;
}

/**
 * Id of the service account of an identity's machines. Shape: `example-client-gpu`; one too long is cut and told apart by a
 * digest.
 */
export function gcpAccountId(fleet: string, identity: MachineIdentity): string {
  const name = `${fleet}-${identity.name}`;
  if (name.length <= MAXIMUM_ACCOUNT_ID) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, MAXIMUM_ACCOUNT_ID - 9)}-${digest}`;
}

/** Name of a pool's managed instance group, and the beginning of its machines' names. Shape: `example-gpu`. */
export function gcpGroupName(fleet: string, pool: string): string {
  return `${fleet}-${pool}`;
}

/** Name of a site's network and subnet, and the network tag of its machines. Shape: `example-europe`. */
export function gcpNetworkName(fleet: string, site: string): string {
  return `${fleet}-${site}`;
}
