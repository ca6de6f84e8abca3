import { type Identity, tagsOf } from "../../model/identities";
import { UserError } from "../errors";
import type { ControlPlane } from "../tailnet/control-plane";
import { type AuthKeyRecord, type TailnetKey, tailnetKeys } from "../trust/auth-keys";
import type { TrustSpec } from "../trust/spec";
import { type Trust, type TrustOptions, writeAuthKey } from "../trust/trust";

/** Longest life of a Tailscale auth key. @see https://tailscale.com/kb/1085/auth-keys */
export const MAX_EXPIRY_DAYS = 90;

const DAY_SECONDS = 86_400;

/** Which keys are wanted. */
export interface Wanted {
  /** Identities by name; empty means all that machines join with and that are missing or have expired. */
  readonly identities: readonly string[];
  /** Replace keys that are there and valid. @default false */
  readonly rotate?: boolean;
}

/** What is to be done for one identity. */
export interface PlannedKey {
  readonly identity: Identity;
  readonly kind: "auth-key" | "oauth-client";
  /** `keep`: a valid key is there. */
  readonly action: "make" | "replace" | "keep";
  readonly tags: readonly string[];
  readonly ephemeral: boolean;
  /** One key serves all machines of a region's servers or of a pool. */
  readonly reusable: boolean;
  /** What is known of the present key. */
  readonly record?: AuthKeyRecord;
}

/**
 * Finds what has to be made.
 *
 * @throws UserError for identities that the fleet does not have or whose machines join without a key, all at once.
 */
export function planTailnetKeys(spec: TrustSpec, trust: Trust, wanted: Wanted, now: Date): readonly PlannedKey[] {
  const known = new Map(spec.identities.map((identity) => [identity.name, identity]));
  const keys = new Map(tailnetKeys(trust, spec.identities, now).map((key) => [key.identity, key]));
  const isMissing = ({ state }: TailnetKey): boolean => state !== "present" && state !== "not needed";
  const names =
    wanted.identities.length > 0
      ? [...new Set(wanted.identities)]
      : [...keys.values()].filter(isMissing).map(({ identity }) => identity);
  const problems = names.flatMap((name) => {
    const key = keys.get(name);
    if (key === undefined)
      return [
        {
          path: "identity",
          rule: `must be one of fleet ${spec.fleet}`,
          got: name,
          fix: `use one of: ${[...known.keys()].join(", ")}`,
        },
      ];
    if (key.kind !== "workload-identity") return [];
    return [
      { path: name, rule: "needs no key: the cloud vouches for its machines (workload-identity)", fix: "leave it out" },
    ];
  });
  if (problems.length > 0) throw new UserError("there are no keys to be made for what was given", [], problems);
  return names.map((name) =>
    planned(known.get(name) as Identity, keys.get(name) as TailnetKey, wanted.rotate === true),
  );
}

function planned(identity: Identity, { kind, state, record }: TailnetKey, rotate: boolean): PlannedKey {
  const isThere = state !== "missing" && state !== "not needed";
  const isKept = state === "present" && !rotate;
  return {
    identity,
    kind: kind === "oauth-client" ? "oauth-client" : "auth-key",
    action: isKept ? "keep" : isThere ? "replace" : "make",
    tags: tagsOf(identity),
    ephemeral: identity.role !== "operator" && identity.ephemeral,
    reusable: identity.role !== "operator",
    ...(record !== undefined && { record }),
  };
}

/**
 * Makes one key at the control plane and writes it into the trust.
 *
 * @returns what is known of it, never its value.
 * @throws UserError when the control plane refuses, or has no OAuth clients.
 */
export async function makeTailnetKey(
  plane: ControlPlane,
  spec: TrustSpec,
  { identity, kind, ephemeral, reusable }: PlannedKey,
  expiryDays: number,
  options: TrustOptions,
): Promise<AuthKeyRecord> {
  const description = `steppe ${spec.fleet} ${identity.name}`
    .replace(/[^A-Za-z0-9 -]/g, "-")
    .slice(0, 50)
    .trimEnd();
  const tags = tagsOf(identity);
  const create = async () => {
    if (kind === "auth-key")
      return await plane.createAuthKey({
        tags,
        ephemeral,
        reusable,
        preauthorized: true,
        expirySeconds: expiryDays * DAY_SECONDS,
        description,
      });
    if (plane.createOAuthClient === undefined)
      throw new UserError(`${plane.name} has no OAuth clients, by which ${identity.name} is to join`, [
        'join by auth key instead: join: { kind: "auth-key" }',
      ]);
    return await plane.createOAuthClient({ tags, description });
  };
  const { id, secret, expires } = await create();
  const created = (options.now ?? new Date()).toISOString();
  const record = { id, created, ...(expires !== undefined && { expires: new Date(expires).toISOString() }) };
  writeAuthKey(spec, identity.name, secret, { ...options, record });
  return record;
}
