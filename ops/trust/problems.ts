import { createPrivateKey } from "node:crypto";
import type { Problem } from "../../constructs/core/problems";
import type { PublicTrust } from "../../model/trust";
import { authKeyProblems } from "./auth-keys";
import { snapshotKeyProblems } from "./snapshot-keys";
import { certificateSpecs, type TrustSpec } from "./spec";
import { parseCertificate, type Trust } from "./trust";

const DAY = 86_400_000;
/** Days before the end at which a certificate is worth a warning. */
export const EXPIRY_WARNING_DAYS = 30;

/**
 * Everything that stands between a fleet's trust and an apply, each with the command that mends it.
 *
 * @param trust - what was found; undefined where none was made.
 * @param committed - the public half in the repository, compared where given.
 * @returns errors, and warnings for what ends within thirty days.
 */
export function trustProblems(
  trust: Trust | undefined,
  spec: TrustSpec,
  now: Date,
  committed?: PublicTrust,
): Problem[] {
  const command = (verb: string): string => `run ./steppe trust ${verb} --fleet ${spec.fleet}`;
  if (trust === undefined)
    return [
      { path: "trust", rule: "has not been made on this machine", fix: `${command("init")}, or set STEPPE_TRUST_DIR` },
      ...authKeyProblems({ fleet: spec.fleet, authKeys: {}, authKeyRecords: {} }, spec.identities, now),
    ];
  const lost = "put it back from a backup: the machines hold it";
  return [
    ...(trust.ca.certificate === undefined ? [{ path: "trust.ca", rule: "is missing", fix: lost }] : []),
    ...(trust.gossipKey === undefined ? [{ path: "trust.gossip-key", rule: "is missing", fix: lost }] : []),
    ...(trust.managementToken === undefined ? [{ path: "trust.management-token", rule: "is missing", fix: lost }] : []),
    ...certificateProblems(trust, spec, now, command),
    ...hostKeyProblems(trust, spec, command),
    ...authKeyProblems(trust, spec.identities, now),
    ...snapshotKeyProblems(trust, spec.identities),
    ...committedProblems(trust, committed, command),
  ];
}

function certificateProblems(trust: Trust, spec: TrustSpec, now: Date, command: (verb: string) => string): Problem[] {
  if (trust.ca.certificate === undefined) return [];
  const ca = parseCertificate(trust.ca.certificate);
  const problems = expiryProblems("trust.ca", ca.validTo, now, command("renew --authority"));
  for (const { name, serves } of certificateSpecs(spec)) {
    const path = `trust.${name}`;
    const pair = trust.certificates[name];
    if (pair === undefined) {
      problems.push({ path, rule: "has no certificate", fix: command("init") });
      continue;
    }
    const certificate = parseCertificate(pair.certificate);
    const renew = command("renew");
    problems.push(...expiryProblems(path, certificate.validTo, now, renew));
    if (!certificate.verify(ca.publicKey))
      problems.push({ path, rule: "was not signed by the fleet's CA", fix: renew });
    if (!certificate.checkPrivateKey(createPrivateKey(pair.key)))
      problems.push({ path, rule: "does not match its key", fix: renew });
    if (serves && certificate.checkHost(`host.${spec.domain}`) === undefined)
      problems.push({ path, rule: "does not cover the tailnet's domain", got: spec.domain, fix: renew });
    const callable = spec.regions.find((region) => name === `server-${region.name}`)?.externalDomains ?? [];
    for (const domain of callable)
      if (certificate.checkHost(domain) === undefined)
        problems.push({
          path,
          rule: "does not carry the name for callers outside the tailnet",
          got: domain,
          fix: renew,
        });
  }
  return problems;
}

function hostKeyProblems(trust: Trust, spec: TrustSpec, command: (verb: string) => string): Problem[] {
  return spec.identities.flatMap((identity) =>
    identity.role === "server" && identity.ownHostKey === true && trust.hostKeys[identity.name] === undefined
      ? [{ path: `trust.${identity.name}`, rule: "has no SSH host key", fix: command("init") }]
      : [],
  );
}

function expiryProblems(path: string, validTo: string, now: Date, fix: string): Problem[] {
  const end = new Date(validTo);
  const days = Math.floor((end.getTime() - now.getTime()) / DAY);
  const got = end.toISOString();
  if (end.getTime() <= now.getTime()) return [{ path, rule: "has expired", got, fix }];
  if (days > EXPIRY_WARNING_DAYS) return [];
  return [{ path, rule: `expires in ${days} ${days === 1 ? "day" : "days"}`, got, fix, severity: "warning" }];
}

function committedProblems(
  trust: Trust,
  committed: PublicTrust | undefined,
  command: (verb: string) => string,
): Problem[] {
  if (committed === undefined || trust.ca.certificate === undefined) return [];
  const path = "trust";
  if (committed.generation > trust.generation)
    return [
      {
        path,
        rule: `is older than the repository's (generation ${committed.generation})`,
        got: trust.generation,
        fix: "get the directory from whoever renewed it",
      },
    ];
  const stale = Object.entries(trust.certificates).some(
    ([name, { certificate }]) =>
      committed.certificates[name] !== undefined && committed.certificates[name].sha256 !== fingerprintOf(certificate),
  );
  if (committed.generation < trust.generation || stale || committed.ca.sha256 !== fingerprintOf(trust.ca.certificate))
    return [
      {
        path,
        rule: "differs from the public trust file in the repository",
        fix: `${command("init")} and commit the file`,
      },
    ];
  return [];
}

/** SHA-256 of a certificate's DER form, lower-case hexadecimal. */
export function fingerprintOf(certificate: string): string {
  return parseCertificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase();
}
