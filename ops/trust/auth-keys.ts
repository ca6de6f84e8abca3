import type { Problem } from "../../constructs/core/problems";
import type { Identity } from "../../model/identities";
import type { JoinMethod } from "../../model/tailnet-types";
import type { Trust } from "./trust";

/** Days before its end at which a tailnet key is worth a warning; a key lives ninety at most. */
export const AUTH_KEY_WARNING_DAYS = 14;

const DAY_MILLISECONDS = 86_400_000;

/** What is known of a tailnet key beside its value. */
export interface AuthKeyRecord {
  /** The control plane's name for it, under which it can be revoked. Absent for a key that was made elsewhere. */
  readonly id?: string;
  /** When it was recorded, ISO 8601. */
  readonly created: string;
  /** ISO 8601. Absent where it does not expire, or nobody said when. */
  readonly expires?: string;
}

/** How an identity stands in the tailnet. */
export interface TailnetKey {
  readonly identity: string;
  /** What its machines join with. Operators join with their own login, and may have an auth key. */
  readonly kind: JoinMethod["kind"];
  /** `other kind`: there is a value, and it is not what the fleet's join method takes. */
  readonly state: "present" | "missing" | "expired" | "other kind" | "not needed";
  readonly record?: AuthKeyRecord;
}

/** How each identity's key stands at a time. */
export function tailnetKeys(
  trust: Pick<Trust, "authKeys" | "authKeyRecords">,
  identities: readonly Identity[],
  now: Date,
): readonly TailnetKey[] {
  return identities.map((identity) => {
    const kind = identity.role === "operator" ? "auth-key" : identity.join.kind;
    const record = trust.authKeyRecords[identity.name];
    const value = trust.authKeys[identity.name] ?? "";
    return {
      identity: identity.name,
      kind,
      state: stateOf(kind, identity.role === "operator", value, record, now),
      ...(record !== undefined && { record }),
    };
  });
}

function stateOf(
  kind: JoinMethod["kind"],
  isOptional: boolean,
  value: string,
  record: AuthKeyRecord | undefined,
  now: Date,
): TailnetKey["state"] {
  if (kind === "workload-identity" || (isOptional && value === "")) return "not needed";
  if (value === "") return "missing";
  if (/^[a-z]+-client-/.test(value) !== (kind === "oauth-client")) return "other kind";
  return record?.expires !== undefined && Date.parse(record.expires) <= now.getTime() ? "expired" : "present";
}

/**
 * Errors for keys without which machines cannot join, and warnings for those that have ended or end soon: machines that
 * have joined stay.
 */
export function authKeyProblems(
  trust: Pick<Trust, "fleet" | "authKeys" | "authKeyRecords">,
  identities: readonly Identity[],
  now: Date,
): Problem[] {
  return tailnetKeys(trust, identities, now).flatMap(({ identity, kind, state, record }): Problem[] => {
    const path = `trust.auth-keys.${identity}`;
    const put = `run ./steppe secret put tailnet-key ${identity}`;
    const fix = `${put} --fleet ${trust.fleet}`;
    if (state === "missing") return [{ path, rule: "is missing", fix }];
    if (state === "other kind") {
      const wanted = kind === "oauth-client" ? "the secret of an OAuth client" : "an auth key";
      return [{ path, rule: `must be ${wanted}, by which its machines join`, fix }];
    }
    const expires = record?.expires;
    if (expires === undefined) return [];
    const days = Math.floor((Date.parse(expires) - now.getTime()) / DAY_MILLISECONDS);
    if (days > AUTH_KEY_WARNING_DAYS) return [];
    const rule =
      state === "expired"
        ? "has expired: no further machine can join"
        : `expires in ${days} ${days === 1 ? "day" : "days"}`;
    return [{ path, rule, got: expires, fix: `${put} --rotate --fleet ${trust.fleet}`, severity: "warning" }];
  });
}

/** Reads a record; what is none counts as not recorded. */
export function parseAuthKeyRecord(text: string | undefined): AuthKeyRecord | undefined {
  try {
    const { id, created, expires } = JSON.parse(text ?? "") as Partial<Record<keyof AuthKeyRecord, unknown>>;
    if (typeof created !== "string") return undefined;
    return { created, ...(typeof id === "string" && { id }), ...(typeof expires === "string" && { expires }) };
  } catch {
    return undefined;
  }
}
