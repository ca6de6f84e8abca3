import { join } from "node:path";
import type { Problem } from "../../constructs/core/problems";
import type { Identity } from "../../model/identities";
import { UserError } from "../errors";
import { writePrivate } from "./directory";
import type { TrustSpec } from "./spec";
import { loadTrust, type Trust, trustFiles, type TrustOptions } from "./trust";

/** The access key with which a region's servers write snapshots into a store that speaks S3. */
export interface SnapshotKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** True for identities whose machines write snapshots with an access key. */
export function needsSnapshotKey(identity: Identity): boolean {
  return identity.role === "server" && identity.snapshotKey === true;
}

/**
 * Records the access key of a region's servers.
 *
 * @param text - id and secret, with white space or a line's end between them.
 * @returns false where it was there already.
 * @throws UserError for a region that needs none, or for text that cannot be a key. Never shows the text.
 */
export function writeSnapshotKey(spec: TrustSpec, region: string, text: string, options: TrustOptions = {}): boolean {
  const { directory } = loadTrust(spec.fleet, options);
  const identities = spec.identities.filter(needsSnapshotKey);
  const identity = identities.find((known) => known.role === "server" && known.region === region);
  if (identity === undefined)
    throw new UserError(`no access key belongs to region ${JSON.stringify(region)} of fleet ${spec.fleet}`, [
      identities.length === 0
        ? "only servers that write snapshots to an S3 bucket without a role need one"
        : `use one of: ${identities.flatMap((known) => (known.role === "server" ? [known.region] : [])).join(", ")}`,
    ]);
  const { accessKeyId, secretAccessKey } = checkedSnapshotKey(text);
  return writePrivate(join(directory, trustFiles.snapshotKeys, identity.name), `${accessKeyId}\n${secretAccessKey}\n`);
}

/** Quotes and backslashes would end or change what curl reads; a colon would part the two elsewhere. */
function checkedSnapshotKey(text: string): SnapshotKey {
  const [accessKeyId = "", secretAccessKey = "", ...more] = text.trim().split(/\s+/);
  if (
    /^[A-Za-z0-9._-]{3,128}$/.test(accessKeyId) &&
    /^[A-Za-z0-9+/=._-]{8,128}$/.test(secretAccessKey) &&
    more.length === 0
  )
    return { accessKeyId, secretAccessKey };
  throw new UserError("what was given is not an access key", [
    "give its id and its secret, one below the other; letters, digits and +/=._- alone",
  ]);
}

/** Errors for regions whose snapshots cannot be written for want of a key. */
export function snapshotKeyProblems(
  trust: Pick<Trust, "fleet" | "snapshotKeys">,
  identities: readonly Identity[],
): Problem[] {
  return identities
    .filter(needsSnapshotKey)
    .filter(({ name }) => trust.snapshotKeys[name] === undefined)
    .map((identity) => ({
      path: `trust.snapshot-keys.${identity.name}`,
      rule: "is missing: its servers cannot write snapshots",
      fix: `run ./steppe secret put snapshot-key ${identity.name.replace(/^server-/, "")} --fleet ${trust.fleet}`,
    }));
}
