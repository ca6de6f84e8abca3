import { externalDomains } from "../../model/access";
import { type Identity, identitiesOf } from "../../model/identities";
import { serverNames } from "../../model/names";
import type { Fleet } from "../../model/types";

/** What a fleet's trust must cover. Follows from the fleet alone. */
export interface TrustSpec {
  /** Name of the fleet. */
  readonly fleet: string;
  /** MagicDNS domain of the tailnet. */
  readonly domain: string;
  readonly regions: readonly RegionSpec[];
  readonly identities: readonly Identity[];
}

/** A region, as far as certificates go. */
export interface RegionSpec {
  readonly name: string;
  readonly serverHosts: readonly string[];
  /** Names under which it is called from outside the tailnet. @default - none */
  readonly externalDomains?: readonly string[];
}

/** Reads off a fleet what its trust must cover. */
export function trustSpecOf(fleet: Fleet): TrustSpec {
  return {
    fleet: fleet.name,
    domain: fleet.tailnet.domain,
    regions: Object.keys(fleet.regions).map((name) => ({
      name,
      serverHosts: serverNames(fleet, name),
      externalDomains: externalDomains(fleet, name),
    })),
    identities: identitiesOf(fleet),
  };
}

/** One certificate that a fleet needs. */
export interface CertificateSpec {
  /** `server-east`, `client-east` or `cli`. */
  readonly name: string;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Serves TLS as well as calling. A command line only calls. */
  readonly serves: boolean;
}

/**
 * Certificates of a fleet.
 *
 * Names are those that Nomad verifies (`server.<region>.nomad`) and those by which people and Terraform call the API.
 * `server.global.nomad`, which `nomad tls cert create` adds, is left out: it would let a server of any region pass as
 * one of a region called global. Clients get no name of a single machine, since a pool shares one certificate.
 *
 * @see https://developer.hashicorp.com/nomad/docs/security/tls#node-certificates
 */
export function certificateSpecs(spec: TrustSpec): CertificateSpec[] {
  const here = { ipAddresses: ["127.0.0.1"], serves: true };
  const wildcard = `*.${spec.domain}`;
  return [
    ...spec.regions.flatMap(({ name, serverHosts, externalDomains = [] }) => [
      {
        ...here,
        name: `server-${name}`,
        commonName: `server.${name}.nomad`,
        dnsNames: [
          `server.${name}.nomad`,
          "localhost",
          ...serverHosts.map((host) => `${host}.${spec.domain}`),
          wildcard,
          ...externalDomains,
        ],
      },
      {
        ...here,
        name: `client-${name}`,
        commonName: `client.${name}.nomad`,
        dnsNames: [`client.${name}.nomad`, "localhost", wildcard],
      },
    ]),
    { name: "cli", commonName: "cli.nomad", dnsNames: ["cli.nomad"], ipAddresses: [], serves: false },
  ];
}
