import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { CertificateSpec } from "./spec";

const DAY = 86_400_000;
/** Machines whose clock runs behind still accept a certificate made a moment ago. */
const CLOCK_SKEW = 3_600_000;
export const CA_DAYS = 1825;
export const CERTIFICATE_DAYS = 365;

const curve = { name: "ECDSA", namedCurve: "P-256" } as const;
const signature = { name: "ECDSA", hash: "SHA-256" } as const;
cryptoProvider.set(webcrypto);

/** A certificate and its key, both as PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate authority: ECDSA P-256, five years. */
export async function makeAuthority(fleet: string, now: Date): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  return selfSign(fleet, keys, now);
}

/**
 * Gives the authority a new certificate with the same key and name, so that everything it has signed stays valid under
 * the old certificate as well as the new one: machines may hold either while the new one is being delivered.
 */
export async function renewAuthority(fleet: string, key: string, now: Date): Promise<Issued> {
  return selfSign(fleet, await keyPairOf(key), now);
}

/** Signs one certificate with a fresh key: ECDSA P-256, one year, never longer than its authority. */
export async function issueCertificate(authority: Issued, spec: CertificateSpec, now: Date): Promise<Issued> {
  const ca = new X509Certificate(authority.certificate);
  const caKeys = await keyPairOf(authority.key);
  const keys = await webcrypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
    new ExtendedKeyUsageExtension(
      spec.serves ? [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth] : [ExtendedKeyUsage.clientAuth],
    ),
    new SubjectAlternativeNameExtension([
      ...[...new Set(spec.dnsNames)].map((value) => ({ type: "dns" as const, value })),
      ...spec.ipAddresses.map((value) => ({ type: "ip" as const, value })),
    ]),
    await AuthorityKeyIdentifierExtension.create(ca),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${spec.commonName}`,
    issuer: ca.subject,
    notBefore: new Date(now.getTime() - CLOCK_SKEW),
    notAfter: new Date(Math.min(now.getTime() + CERTIFICATE_DAYS * DAY, ca.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: signature,
    extensions,
  });
  return { certificate: pem(certificate), key: await pemKey(keys.privateKey) };
}

async function selfSign(fleet: string, keys: webcrypto.CryptoKeyPair, now: Date): Promise<Issued> {
  const name = `CN=Steppe ${fleet} CA`;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: name,
    issuer: name,
    notBefore: new Date(now.getTime() - CLOCK_SKEW),
    notAfter: new Date(now.getTime() + CA_DAYS * DAY),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: signature,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await pemKey(keys.privateKey) };
}

/** Positive and without a leading zero byte, whatever the random bytes are. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function pemKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), PemConverter.PrivateKeyTag)}\n`;
}

async function keyPairOf(key: string): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = await webcrypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(key), curve, true, ["sign"]);
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await webcrypto.subtle.importKey("jwk", { kty, crv, x, y }, curve, true, ["verify"]);
  return { privateKey, publicKey };
}
