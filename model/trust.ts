/**
 * The committed half of a fleet's trust: `fleets/<name>.trust.json`. Fingerprints, dates and public keys only, so that a
 * plan on a pull request shows a renewal as a change. The secret half never enters the repository.
 */
export interface PublicTrust {
  readonly fleet: string;
  /** Counts renewals; drives redelivery and write-only versions. */
  readonly generation: number;
  readonly ca: CertificateSummary;
  /** By certificate name: `server-east`, `client-east`, `cli`. */
  readonly certificates: Readonly<Record<string, CertificateSummary>>;
  /** SSH host keys of on-prem machines and of servers that Steppe makes, by host name. Shape: `ssh-ed25519 AAAA...`. */
  readonly hostKeys: Readonly<Record<string, string>>;
}

export interface CertificateSummary {
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly sha256: string;
  /** ISO 8601 date and time. */
  readonly notAfter: string;
}
