import type { MachineIdentity } from "./identities";

/** Name of the entry in Secrets Manager that machines of an identity read. Shape: `example/client-gpu`. */
export function awsSecretName(fleet: string, identity: MachineIdentity): string {
  return `${fleet}/${identity.name}`;
}

/** Name of a pool's Auto Scaling group. Shape: `example-gpu`. */
export function awsGroupName(fleet: string, pool: string): string {
  return `${fleet}-${pool}`;
}

/** Name of the lifecycle hook that holds a machine until it has drained. */
export const AWS_DRAIN_HOOK = "drain";

/** Port of sshd where the fleet names none. */
export const DEFAULT_SSH_PORT = 22;

/** Login of Debian's images. */
export const DEFAULT_SSH_USER = "admin";
