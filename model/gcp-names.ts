import type { MachineIdentity } from "./identities";

/**
 * Id of the secret in Secret Manager that machines of an identity read. Shape: `example-client-gpu`; ids may hold letters,
 * digits, `-` and `_`.
 *
 * @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
 */
export function gcpSecretName(fleet: string, identity: MachineIdentity): string {
  return `${fleet}-${identity.name}`;
}

/** Login that the operators' keys make where the fleet names none. */
export const DEFAULT_GCP_SSH_USER = "steppe";
