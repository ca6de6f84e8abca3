import type { Identity } from "../../model/identities";
import { UserError } from "../errors";

/** True for identities that get an auth key or an OAuth client's secret; a workload identity has nothing to keep. */
export function needsJoinSecret(identity: Identity): boolean {
  return identity.role === "operator" || identity.join.kind !== "workload-identity";
}

/**
 * Checks what is to be recorded as the secret with which machines of an identity join.
 *
 * @returns it, without surrounding white space.
 * @throws UserError when it cannot be that. Never shows the text.
 */
export function checkedJoinSecret(identity: Identity, text: string): string {
  const value = text.trim();
  const { name } = identity;
  if (!needsJoinSecret(identity))
    throw new UserError(`machines of ${name} join by workload identity and need no secret`, [
      'to let them join with one, set join: { kind: "auth-key" } or { kind: "oauth-client" }',
    ]);
  const isClientSecret = value.startsWith("tskey-client-");
  if (identity.role !== "operator" && identity.join.kind === "oauth-client") {
    if (isClientSecret && /^[A-Za-z0-9_-]{16,256}$/.test(value)) return value;
    throw new UserError(`what was given for ${name} is not the secret of an OAuth client`, [
      "make one in the tailnet's admin console with the scope auth_keys and the identity's tags: it begins with tskey-client-",
    ]);
  }
  if (isClientSecret)
    throw new UserError(
      `what was given for ${name} is the secret of an OAuth client, and ${name} joins with an auth key`,
      ['set join: { kind: "oauth-client" } for it, or give an auth key, which begins with tskey-auth-'],
    );
  if (/^[A-Za-z0-9_-]{16,256}$/.test(value) && !value.startsWith("tskey-api-")) return value;
  throw new UserError(`what was given for ${name} is not an auth key`, [
    "make one in the tailnet's admin console, tagged as the identity, and pipe it in: it begins with tskey-auth-",
  ]);
}
