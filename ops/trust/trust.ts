import { randomBytes, randomUUID, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PublicTrust } from "../../model/trust";
import { UserError } from "../errors";
import { type AuthKeyRecord, parseAuthKeyRecord } from "./auth-keys";
import type * as Signer from "./certificates";
import type { Environment } from "../project";
import {
  assertPrivate,
  makePrivateDirectory,
  quoted,
  readOptional,
  trustDirectory,
  withLock,
  writePrivate,
} from "./directory";
import { type HostKey, makeHostKey, publicKeyOf } from "./host-keys";
import { checkedJoinSecret } from "./join-secret";
import { type CertificateSpec, certificateSpecs, type TrustSpec } from "./spec";

/** A certificate and its key, both as PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A fleet's trust as it lies in its directory. What is missing there is missing here: see `trustProblems`. */
export interface Trust {
  readonly fleet: string;
  readonly directory: string;
  /** Counts renewals. */
  readonly generation: number;
  /** The key may be kept elsewhere; it is only needed to sign. */
  readonly ca: { readonly certificate?: string; readonly key?: string };
  /** By name: `server-east`, `client-east`, `cli`. */
  readonly certificates: Readonly<Record<string, KeyedCertificate>>;
  readonly gossipKey?: string | undefined;
  readonly managementToken?: string | undefined;
  /** SSH host keys of servers that Steppe makes, by identity. Kept when certificates are renewed. */
  readonly hostKeys: Readonly<Record<string, HostKey>>;
  /** Auth keys and OAuth client secrets by identity. */
  readonly authKeys: Readonly<Record<string, string>>;
  /** What is known of those keys, by identity; nothing of keys that were made elsewhere. */
  readonly authKeyRecords: Readonly<Record<string, AuthKeyRecord>>;
  /** Access keys for snapshots by identity: id and secret, a line each. */
  readonly snapshotKeys: Readonly<Record<string, string>>;
}

export interface TrustOptions {
  /** @default process.env */
  readonly env?: Environment;
  /** Checkout that must not hold the trust. @default - this one */
  readonly project?: string;
  /** @default - the present */
  readonly now?: Date;
}

export interface InitOptions extends TrustOptions {
  /** The public half that the repository already has. @default - none */
  readonly committed?: PublicTrust;
  /** Make a new trust although the repository names another. @default false */
  readonly replace?: boolean;
}

/** What a change of the trust did: names of what was made, empty when there was nothing to do. */
export interface TrustChange {
  readonly trust: Trust;
  readonly made: readonly string[];
}

/** Names of the files in a trust directory. */
export const trustFiles = {
  record: "trust.json",
  ca: "ca.pem",
  caKey: "ca-key.pem",
  gossipKey: "gossip.key",
  managementToken: "management.token",
  authKeys: "auth-keys",
  authKeyRecords: "auth-key-records",
  hostKeys: "host-keys",
  snapshotKeys: "snapshot-keys",
  payloads: "payloads",
  certificate: (name: string) => `${name}.pem`,
  key: (name: string) => `${name}-key.pem`,
} as const;

/**
 * Reads a fleet's trust.
 *
 * @throws UserError when there is none, or when others than the owner may read it.
 */
export function loadTrust(fleet: string, options: TrustOptions = {}): Trust {
  const trust = findTrust(fleet, options);
  if (trust !== undefined) return trust;
  const directory = trustDirectory(fleet, options.env ?? process.env, options.project);
  throw new UserError(`fleet ${fleet} has no trust in ${directory}`, [
    `run ./steppe trust init --fleet ${fleet}, or set STEPPE_TRUST_DIR to where it is`,
  ]);
}

/** Reads a fleet's trust, or nothing where none was made. */
export function findTrust(fleet: string, options: TrustOptions = {}): Trust | undefined {
  const directory = trustDirectory(fleet, options.env ?? process.env, options.project);
  if (!existsSync(join(directory, trustFiles.record))) return undefined;
  assertPrivate(directory);
  return readTrust(fleet, directory);
}

/**
 * Makes a fleet's trust, or adds what a grown fleet lacks. Running it again changes nothing.
 *
 * @throws UserError when the repository already names another trust, or a secret that machines hold has been lost.
 */
export async function initTrust(spec: TrustSpec, options: InitOptions = {}): Promise<TrustChange> {
  const directory = trustDirectory(spec.fleet, options.env ?? process.env, options.project);
  const fresh = !existsSync(join(directory, trustFiles.record));
  if (fresh && options.committed !== undefined && options.replace !== true)
    throw new UserError(
      `the repository names a trust of fleet ${spec.fleet} (CA ${options.committed.ca.sha256.slice(0, 16)}...) that is not in ${directory}`,
      [
        "get the directory from whoever made it, or set STEPPE_TRUST_DIR to where it is",
        `to replace it, which every machine must then learn: ./steppe trust init --replace --fleet ${spec.fleet}`,
      ],
    );
  makePrivateDirectory(directory);
  assertPrivate(directory);
  return withLock(directory, async () => {
    const made = fresh ? makeSecrets(directory) : [];
    await ensureAuthority(spec.fleet, directory, fresh, made, options.now ?? new Date());
    const missing = certificateSpecs(spec).filter(({ name }) => keyedCertificate(directory, name) === undefined);
    await issue(directory, missing, options.now ?? new Date());
    made.push(...missing.map(({ name }) => `certificate ${name}`));
    made.push(...makeHostKeys(spec, directory));
    if (fresh) writeRecord(directory, 1);
    const trust = readTrust(spec.fleet, directory);
    assertNothingLost(trust);
    return { trust, made };
  });
}

/**
 * Makes all certificates anew, from the same authority, and counts the generation up, which redelivers them.
 *
 * @param options - `authority` renews the authority's own certificate too: same key, five more years.
 */
export async function renewTrust(
  spec: TrustSpec,
  options: TrustOptions & { readonly authority?: boolean } = {},
): Promise<TrustChange> {
  const { directory } = loadTrust(spec.fleet, options);
  return withLock(directory, async () => {
    const before = readTrust(spec.fleet, directory);
    assertNothingLost(before);
    const made: string[] = [];
    if (options.authority === true) {
      const { renewAuthority } = signer();
      const ca = await renewAuthority(spec.fleet, signingKey(directory).key, options.now ?? new Date());
      writePrivate(join(directory, trustFiles.ca), ca.certificate);
      made.push("certificate authority");
    }
    const specs = certificateSpecs(spec);
    await issue(directory, specs, options.now ?? new Date());
    made.push(...specs.map(({ name }) => `certificate ${name}`));
    writeRecord(directory, before.generation + 1);
    return { trust: readTrust(spec.fleet, directory), made };
  });
}

/**
 * Records the auth key or OAuth client secret with which machines of one identity join the tailnet.
 *
 * @param key - as the control server printed it; surrounding white space is dropped.
 * @param options - `record` says what is known of the key; without one, what was known of another key is forgotten.
 * @throws UserError for an identity that the fleet does not have, or for text that cannot be a key. Never shows the text.
 */
export function writeAuthKey(
  spec: TrustSpec,
  identity: string,
  key: string,
  options: TrustOptions & { readonly record?: AuthKeyRecord } = {},
): boolean {
  const { directory } = loadTrust(spec.fleet, options);
  const known = spec.identities.find(({ name }) => name === identity);
  if (known === undefined)
    throw new UserError(`fleet ${spec.fleet} has no identity ${JSON.stringify(identity)}`, [
      `use one of: ${spec.identities.map(({ name }) => name).join(", ")}`,
    ]);
  const changed = writePrivate(join(directory, trustFiles.authKeys, identity), `${checkedJoinSecret(known, key)}\n`);
  const recordFile = join(directory, trustFiles.authKeyRecords, identity);
  if (options.record !== undefined) writePrivate(recordFile, `${JSON.stringify(options.record)}\n`);
  else if (changed) rmSync(recordFile, { force: true });
  return changed;
}

/** Deletes a fleet's trust. Machines that hold it must be made anew. For the lab, whose machines are gone by then. */
export function removeTrust(fleet: string, options: TrustOptions = {}): void {
  rmSync(trustDirectory(fleet, options.env ?? process.env, options.project), { recursive: true, force: true });
}

/** The certificate in its parsed form. */
export function parseCertificate(pem: string): X509Certificate {
  return new X509Certificate(pem);
}

/** Loaded when something is to be signed: the X.509 library is the slowest import of the command line. */
function signer(): typeof Signer {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  return require("./certificates") as typeof Signer;
}

function makeSecrets(directory: string): string[] {
  const made: string[] = [];
  const once = (file: string, name: string, value: () => string): void => {
    if (readOptional(join(directory, file)) !== undefined) return;
    writePrivate(join(directory, file), `${value()}\n`);
    made.push(name);
  };
  once(trustFiles.gossipKey, "gossip key", () => randomBytes(32).toString("base64"));
  once(trustFiles.managementToken, "management token", () => randomUUID());
  return made;
}

/** A key that is there stays, for good: machines hold it, and their sessions are checked with it. */
function makeHostKeys({ identities }: TrustSpec, directory: string): string[] {
  return identities.flatMap((identity) => {
    if (identity.role !== "server" || identity.ownHostKey !== true) return [];
    const file = join(directory, trustFiles.hostKeys, identity.name);
    if (readOptional(file) !== undefined) return [];
    writePrivate(file, makeHostKey().privateKey);
    return [`SSH host key of ${identity.name}`];
  });
}

async function ensureAuthority(
  fleet: string,
  directory: string,
  fresh: boolean,
  made: string[],
  now: Date,
): Promise<void> {
  if (!fresh || readOptional(join(directory, trustFiles.ca)) !== undefined) return;
  const { makeAuthority } = signer();
  const ca = await makeAuthority(fleet, now);
  writePrivate(join(directory, trustFiles.caKey), ca.key);
  writePrivate(join(directory, trustFiles.ca), ca.certificate);
  made.push("certificate authority");
}

async function issue(directory: string, specs: readonly CertificateSpec[], now: Date): Promise<void> {
  if (specs.length === 0) return;
  const authority = signingKey(directory);
  const { issueCertificate } = signer();
  for (const spec of specs) {
    const issued = await issueCertificate(authority, spec, now);
    // The certificate goes first and comes last, so that an interrupted run leaves no pair that does not match.
    rmSync(join(directory, trustFiles.certificate(spec.name)), { force: true });
    writePrivate(join(directory, trustFiles.key(spec.name)), issued.key);
    writePrivate(join(directory, trustFiles.certificate(spec.name)), issued.certificate);
  }
}

function signingKey(directory: string): KeyedCertificate {
  const certificate = readOptional(join(directory, trustFiles.ca));
  const key = readOptional(join(directory, trustFiles.caKey));
  if (certificate === undefined || key === undefined)
    throw new UserError(
      `certificates are to be made, and ${join(directory, trustFiles.caKey)} or its certificate is missing`,
      ["put both back from where you keep them"],
    );
  return { certificate, key };
}

/** What machines hold and cannot be made again: a new one would part the fleet from its machines. */
function assertNothingLost(trust: Trust): void {
  const lost = [
    ...(trust.ca.certificate === undefined ? [trustFiles.ca] : []),
    ...(trust.gossipKey === undefined ? [trustFiles.gossipKey] : []),
    ...(trust.managementToken === undefined ? [trustFiles.managementToken] : []),
  ];
  if (lost.length > 0)
    throw new UserError(
      `${lost.join(", ")} of fleet ${trust.fleet} is lost: the machines hold it, so it cannot be made anew`,
      [
        `put it back into ${trust.directory} from a backup`,
        `for machines that do not exist yet: rm -r ${quoted(trust.directory)} && ./steppe trust init --replace --fleet ${trust.fleet}`,
      ],
    );
}

function writeRecord(directory: string, generation: number): void {
  writePrivate(join(directory, trustFiles.record), `${JSON.stringify({ generation })}\n`);
}

function readTrust(fleet: string, directory: string): Trust {
  const value = (file: string): string | undefined => readOptional(join(directory, file))?.trim();
  const certificate = readOptional(join(directory, trustFiles.ca));
  const key = readOptional(join(directory, trustFiles.caKey));
  const gossipKey = value(trustFiles.gossipKey);
  const managementToken = value(trustFiles.managementToken);
  return {
    fleet,
    directory,
    generation: generationIn(directory),
    ca: { ...(certificate !== undefined && { certificate }), ...(key !== undefined && { key }) },
    certificates: Object.fromEntries(
      certificateNames(directory).flatMap((name) => {
        const pair = keyedCertificate(directory, name);
        return pair === undefined ? [] : [[name, pair]];
      }),
    ),
    ...(gossipKey !== undefined && { gossipKey }),
    ...(managementToken !== undefined && { managementToken }),
    hostKeys: Object.fromEntries(
      namesIn(join(directory, trustFiles.hostKeys)).map((name) => {
        const privateKey = readOptional(join(directory, trustFiles.hostKeys, name)) ?? "";
        return [name, { privateKey, publicKey: publicKeyOf(privateKey) }];
      }),
    ),
    authKeys: Object.fromEntries(
      namesIn(join(directory, trustFiles.authKeys)).map((name) => [name, value(join(trustFiles.authKeys, name)) ?? ""]),
    ),
    authKeyRecords: Object.fromEntries(
      namesIn(join(directory, trustFiles.authKeyRecords)).flatMap((name) => {
        const record = parseAuthKeyRecord(value(join(trustFiles.authKeyRecords, name)));
        return record === undefined ? [] : [[name, record]];
      }),
    ),
    snapshotKeys: Object.fromEntries(
      namesIn(join(directory, trustFiles.snapshotKeys)).map((name) => [
        name,
        value(join(trustFiles.snapshotKeys, name)) ?? "",
      ]),
    ),
  };
}

function generationIn(directory: string): number {
  const text = readOptional(join(directory, trustFiles.record)) ?? '{"generation":1}';
  try {
    const { generation } = JSON.parse(text) as { generation?: unknown };
    if (typeof generation === "number" && Number.isInteger(generation) && generation > 0) return generation;
  } catch {
    // Said below: a record that is no JSON is as bad as one without a generation.
  }
  throw new UserError(`${join(directory, trustFiles.record)} does not hold a generation`, [
    `write the number of fleets/*.trust.json back: {"generation":1}`,
  ]);
}

function certificateNames(directory: string): string[] {
  return namesIn(directory)
    .filter((file) => file.endsWith("-key.pem") && file !== trustFiles.caKey)
    .map((file) => file.slice(0, -"-key.pem".length))
    .sort();
}

function namesIn(directory: string): string[] {
  return existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".new"))
        .map((entry) => entry.name)
        .sort()
    : [];
}

function keyedCertificate(directory: string, name: string): KeyedCertificate | undefined {
  const certificate = readOptional(join(directory, trustFiles.certificate(name)));
  const key = readOptional(join(directory, trustFiles.key(name)));
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}
