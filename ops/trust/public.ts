import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CertificateSummary, PublicTrust } from "../../model/trust";
import { UserError } from "../errors";
import { projectDirectory } from "../project";
import { readOptional } from "./directory";
import { fingerprintOf } from "./problems";
import { certificateSpecs, type TrustSpec } from "./spec";
import { parseCertificate, type Trust } from "./trust";

/**
 * The half of a trust that may be seen: fingerprints, ends of validity, the generation, and host keys.
 *
 * @param spec - names the certificates that count; those of regions long gone stay out.
 */
export function publicTrust(
  trust: Trust,
  spec: TrustSpec,
  hostKeys: Readonly<Record<string, string>> = {},
): PublicTrust {
  if (trust.ca.certificate === undefined) throw new UserError(`${trust.directory} holds no CA certificate`);
  return {
    fleet: trust.fleet,
    generation: trust.generation,
    ca: summary(trust.ca.certificate),
    certificates: Object.fromEntries(
      certificateSpecs(spec)
        .map(({ name }) => name)
        .sort()
        .flatMap((name) => {
          const pair = trust.certificates[name];
          return pair === undefined ? [] : [[name, summary(pair.certificate)]];
        }),
    ),
    hostKeys: Object.fromEntries(
      Object.entries({ ...hostKeys, ...madeHostKeys(trust, spec) }).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

/** Host keys of the servers that Steppe makes: those of a region share theirs, as they share a certificate. */
function madeHostKeys(trust: Trust, { regions }: TrustSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(
    regions.flatMap(({ name, serverHosts }) => {
      const key = trust.hostKeys[`server-${name}`];
      return key === undefined ? [] : serverHosts.map((host) => [host, key.publicKey]);
    }),
  );
}

/** Where the public half is kept, and where the program looks for it. */
export function publicTrustPath(fleet: string, project: string = projectDirectory): string {
  return join(project, "fleets", `${fleet}.trust.json`);
}

/**
 * Reads the public half, or nothing where there is none yet.
 *
 * @throws UserError when the file is not what it should be.
 */
export function readPublicTrust(path: string): PublicTrust | undefined {
  const text = readOptional(path);
  if (text === undefined) return undefined;
  try {
    const found = JSON.parse(text) as Partial<PublicTrust>;
    if (found.ca !== undefined && found.certificates !== undefined && typeof found.generation === "number")
      return {
        fleet: found.fleet ?? "",
        generation: found.generation,
        ca: found.ca,
        certificates: found.certificates,
        hostKeys: found.hostKeys ?? {},
      };
  } catch {
    // Said below.
  }
  throw new UserError(`${path} is not a public trust file`, [
    "restore it from git, or delete it and run ./steppe trust init",
  ]);
}

/**
 * Writes the public half. Host keys that the file has already stay. An equal file is left alone.
 *
 * @returns whether the file changed.
 */
export function writePublicTrust(path: string, trust: Trust, spec: TrustSpec): boolean {
  return write(path, publicTrust(trust, spec, readPublicTrust(path)?.hostKeys));
}

/**
 * Records SSH host keys in the public half.
 *
 * @returns whether the file changed.
 * @throws UserError when there is no public half yet, or for text that is not a host key.
 */
export function recordHostKeys(path: string, keys: Readonly<Record<string, string>>): boolean {
  const found = readPublicTrust(path);
  if (found === undefined) throw new UserError(`${path} does not exist`, ["run ./steppe trust init first"]);
  const hostKeys: Record<string, string> = { ...found.hostKeys };
  for (const [host, key] of Object.entries(keys)) hostKeys[host] = parseHostKey(host, key);
  return write(path, {
    ...found,
    hostKeys: Object.fromEntries(Object.entries(hostKeys).sort(([a], [b]) => (a < b ? -1 : 1))),
  });
}

/** Type and key of a host key line, without a comment. */
export function parseHostKey(host: string, text: string): string {
  const [type, key] = text.trim().split(/\s+/);
  if (
    type === undefined ||
    key === undefined ||
    !/^(ssh|ecdsa|sk)-[a-z0-9@.-]+$/.test(type) ||
    !/^AAAA[A-Za-z0-9+/]+=*$/.test(key)
  )
    throw new UserError(`what was given for ${host} is not an SSH host key`, [
      "give the line of /etc/ssh/ssh_host_ed25519_key.pub: ssh-ed25519 AAAA...",
    ]);
  return `${type} ${key}`;
}

function summary(certificate: string): CertificateSummary {
  return {
    sha256: fingerprintOf(certificate),
    notAfter: new Date(parseCertificate(certificate).validTo).toISOString(),
  };
}

function write(path: string, value: PublicTrust): boolean {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  if (readOptional(path) === text) return false;
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
  return true;
}
