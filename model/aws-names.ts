import { createHash } from "node:crypto";
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

/** Longest name of a load balancer or target group. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
const MAXIMUM_LOAD_BALANCER_NAME = 32;

/**
 * Name of a region's load balancer and its target group. Shape: `nomad-example-eu`; a name too long is cut and told apart by a
 * digest.
 */
export function awsLoadBalancerName(fleet: string, region: string): string {
  const name = `nomad-${fleet}-${region}`;
  if (name.length <= MAXIMUM_LOAD_BALANCER_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, MAXIMUM_LOAD_BALANCER_NAME - 9)}-${digest}`;
}
