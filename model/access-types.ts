import type { Acknowledgement } from "./types";

/** A hosted zone of Route 53, in the account of the site's credentials. */
export interface HostedZone {
  /** Shape: `Z0123456789ABCDEFGHIJ`. */
  readonly id: string;
  /** Its domain. Shape: `example.com`. */
  readonly name: string;
}

/** A managed zone of Cloud DNS. */
export interface ManagedZone {
  /** Its name in its project. Shape: `example-com`. */
  readonly managedZone: string;
  /** Its domain. Shape: `example.com`. */
  readonly name: string;
  /** That it belongs to. Shape: `acme-dns`. @default - the site's */
  readonly project?: string;
}

/**
 * Nomad's API of a region for callers outside the tailnet: a load balancer in front of the servers, which passes TCP on as it
 * is. TLS ends at Nomad, which asks every caller for a client certificate.
 */
export interface ExternalAccess {
  /** IPv4 ranges that callers come from; others get no connection. At least one. Shape: `["198.51.100.0/24"]`. */
  readonly allowedCidrs: readonly string[];
  /** Ranges of more than a /8, such as `0.0.0.0/0`, are meant. @default - they are refused */
  readonly fromAnywhere?: Acknowledgement;
  /** Port of the load balancer. @default 4646 */
  readonly port?: number;
  /**
   * Name that callers use. The servers' certificates carry it. Shape: `nomad.eu.example.com`.
   *
   * @default - the load balancer's own name, which AWS makes up, or its address, which Google does
   */
  readonly domain?: string;
  /** Where `domain` gets its record: Route 53 for a region on AWS, Cloud DNS for one on Google Cloud. @default - it is made elsewhere */
  readonly zone?: HostedZone | ManagedZone;
  /**
   * AWS: public subnets for the load balancer, in zones of the servers. Only for machines that leave an existing VPC by its own
   * routes. Shape: `["subnet-0123456789abcdef0"]`.
   *
   * @default - the zones' public subnets
   */
  readonly subnetIds?: readonly string[];
  /**
   * Closes the way. Of all that was made only the load balancer remains, or on Google Cloud its address, without protection, so
   * that the line can be deleted once this is applied. A retired region does the same.
   *
   * @default - in service
   */
  readonly retired?: Acknowledgement;
}

/**
 * One name for the regions on AWS with external access. A region whose load balancer knows no healthy server gets no callers; whoever
 * answers passes requests on to the region that they are for.
 */
export interface GlobalAccess<RegionName extends string = string> {
  /** Shape: `nomad.example.com`. */
  readonly domain: string;
  readonly zone: HostedZone;
  /**
   * Who gets which region.
   *
   * - `latency`: the one that answers fastest, of all on AWS with external access.
   * - `failover`: the primary, or the secondary while the primary has no healthy server. Route 53 knows two, no more.
   */
  readonly routing: "latency" | { readonly failover: { readonly primary: RegionName; readonly secondary: RegionName } };
}
