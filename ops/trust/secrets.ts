import { join } from "node:path";
import type { Identity } from "../../model/identities";
import { UserError } from "../errors";
import { writePrivate } from "./directory";
import { needsJoinSecret } from "./join-secret";
import { needsSnapshotKey } from "./snapshot-keys";
import { type Trust, trustFiles } from "./trust";

/** Files that a machine gets, by name. */
type Delivery = readonly (readonly [file: string, content: string | undefined])[];

/**
 * The text that is delivered to the machines of an identity: one line per file, `<file name> <base64 of its content>`.
 * Every content ends with a line feed.
 *
 * @throws UserError that names everything the trust lacks for it.
 */
export function secretPayload(trust: Trust, identity: Identity): string {
  const delivery = deliveryOf(trust, identity);
  const missing = delivery.filter(([, content]) => content === undefined).map(([file]) => file);
  if (missing.length > 0)
    throw new UserError(`the trust of fleet ${trust.fleet} lacks ${missing.join(", ")} of ${identity.name}`, [
      `run ./steppe trust show --fleet ${trust.fleet} to see what is missing`,
    ]);
  return delivery.map(([file, content]) => `${file} ${Buffer.from(content ?? "").toString("base64")}\n`).join("");
}

/** Paths of the files that the `nomad` command, its Terraform provider and our own requests authenticate with. */
export function nomadFiles(trust: Trust): { ca: string; certificate: string; key: string; token: string } {
  const path = (file: string): string => join(trust.directory, file);
  return {
    ca: path(trustFiles.ca),
    certificate: path(trustFiles.certificate("cli")),
    key: path(trustFiles.key("cli")),
    token: path(trustFiles.managementToken),
  };
}

/**
 * Writes the payload of each identity next to the trust, owner-only, so that a shell can read it without showing it.
 *
 * @returns the path of each payload by the identity's name. Identities whose secrets are incomplete are left out.
 */
export function writePayloads(trust: Trust, identities: readonly Identity[]): Record<string, string> {
  const paths: Record<string, string> = {};
  for (const identity of identities) {
    if (deliveryOf(trust, identity).some(([, content]) => content === undefined)) continue;
    const path = join(trust.directory, trustFiles.payloads, identity.name);
    writePrivate(path, secretPayload(trust, identity));
    paths[identity.name] = path;
  }
  return paths;
}

/** A secret under one of the forms in which it could turn up. */
export interface NamedSecret {
  /** What it is, for a message: `key of server-east (base64)`. */
  readonly name: string;
  readonly value: string;
}

/**
 * Every secret of a trust in every form to look for: as it is, each telling line of a key, and base64 at all three
 * alignments, as it appears inside an encoded script or user data.
 */
export function secretsOf(trust: Trust): NamedSecret[] {
  const pems = [
    ...(trust.ca.key === undefined ? [] : [["key of ca", trust.ca.key] as const]),
    ...Object.entries(trust.certificates).map(([name, { key }]) => [`key of ${name}`, key] as const),
    ...Object.entries(trust.hostKeys).map(([name, key]) => [`SSH host key of ${name}`, key.privateKey] as const),
  ];
  const values = [
    ...(trust.gossipKey === undefined ? [] : [["gossip key", trust.gossipKey] as const]),
    ...(trust.managementToken === undefined ? [] : [["management token", trust.managementToken] as const]),
    ...Object.entries(trust.authKeys).map(([name, key]) => [`auth key of ${name}`, key] as const),
    ...Object.entries(trust.snapshotKeys).map(
      ([name, key]) => [`snapshot key of ${name}`, key.split("\n")[1] ?? ""] as const,
    ),
  ];
  return [
    ...pems.flatMap(([name, pem]) => [
      { name, value: pem.trim() },
      ...bodyOf(pem).map((line, index) => ({ name: `${name} (line ${index + 1})`, value: line })),
      ...bodyOf(pem).flatMap((line, index) => base64Forms(`${name} (line ${index + 1})`, line)),
      { name: `${name} (base64)`, value: Buffer.from(pem).toString("base64") },
    ]),
    ...values.flatMap(([name, value]) => [{ name, value }, ...base64Forms(name, value)]),
  ];
}

/** Returns a function that takes every known secret out of a line of text. */
export function redactor(trust: Trust | undefined): (text: string) => string {
  if (trust === undefined) return (text) => text;
  const secrets = secretsOf(trust)
    .filter(({ value }) => !value.includes("\n") && value.length >= 12)
    .sort((a, b) => b.value.length - a.value.length);
  return (text) =>
    secrets.reduce(
      (shown, { name, value }) => (shown.includes(value) ? shown.replaceAll(value, `[${name}]`) : shown),
      text,
    );
}

/** Lines of a PEM block that hold enough of the key to give it away. */
function bodyOf(pem: string): string[] {
  return pem.split("\n").filter((line) => line.length >= 24 && !line.startsWith("-----"));
}

function base64Forms(name: string, value: string): NamedSecret[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)])
      .toString("base64")
      .replace(/=+$/, "");
    // Characters that mix in neighbouring bytes are cut off at both ends.
    const whole = encoded.slice(shift === 0 ? 0 : shift + 1, (value.length + shift) % 3 === 0 ? undefined : -1);
    return { name: `${name} (base64${shift === 0 ? "" : `, shifted by ${shift}`})`, value: whole };
  });
}

function deliveryOf(trust: Trust, identity: Identity): Delivery {
  const line = (value: string | undefined): string | undefined => (value === undefined ? undefined : `${value}\n`);
  const certificateName = identity.role === "operator" ? "cli" : `${identity.role}-${identity.region}`;
  const pair = trust.certificates[certificateName];
  const common: Delivery = [
    ["ca.pem", trust.ca.certificate],
    ["cert.pem", pair?.certificate],
    ["key.pem", pair?.key],
  ];
  const join: Delivery = needsJoinSecret(identity) ? [["tailnet.key", line(trust.authKeys[identity.name])]] : [];
  if (identity.role !== "server") return [...common, ...join];
  const hostKey: Delivery =
    identity.ownHostKey === true ? [["ssh-host.key", trust.hostKeys[identity.name]?.privateKey]] : [];
  return [
    ...common,
    ["gossip.key", line(trust.gossipKey)],
    ["management.token", line(trust.managementToken)],
    ...hostKey,
    ...(needsSnapshotKey(identity) ? [["snapshot.key", line(trust.snapshotKeys[identity.name])] as const] : []),
    ...join,
  ];
}
