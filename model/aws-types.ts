import type { Acknowledgement, Architecture, InstallSource, Retirement } from "./types";

/** An AWS region's VPC. */
export interface AwsSite {
  readonly platform: "aws";
  /** Shape: `eu-central-1`. */
  readonly awsRegion: string;
  /** IPv4 ranges of the VPC, the primary one first. */
  readonly networks: readonly string[];
  /** Availability zones in use. Shape: `{ "eu-central-1a": { cidr: "10.10.0.0/20" } }`. */
  readonly zones: Readonly<Record<string, AwsZone>>;
  /** An existing VPC; every zone then names its subnet. Shape: `vpc-0123456789abcdef0`. @default - Steppe makes one */
  readonly vpcId?: string;
  /** How machines reach the internet. @default { kind: "public-address" } */
  readonly egress?: AwsEgress;
  /** Secrets Manager and S3 are reached inside the VPC; the former costs by the hour and zone. @default false */
  readonly vpcEndpoints?: boolean;
  /** Records of who talked to whom, in CloudWatch Logs. @default - none */
  readonly flowLogs?: { readonly retentionDays: number };
  /** Machine images by architecture. Shape: `ami-…`. */
  readonly images: Readonly<Partial<Record<Architecture, string>>>;
  /**
   * Name of the root disk in the images of pools; what Steppe says of a disk of another name (encryption, size) does not hold
   * for the root. Shape: Ubuntu's is `/dev/sda1`.
   *
   * @default "/dev/xvda", Debian's and Amazon Linux's
   */
  readonly rootDevice?: string;
  /** How servers are reached over the tailnet. */
  readonly ssh: {
    /** Login that the image has. @default "admin", Debian's */
    readonly user?: string;
    /**
     * Port of sshd. With Tailscale SSH (`tailnet.ssh`) it must be another than 22, which tailscaled then answers itself.
     *
     * @default 22
     */
    readonly port?: number;
    /** Public keys of the operators. Shape: `ssh-ed25519 AAAA…`. */
    readonly authorizedKeys: readonly string[];
  };
  /** Tags of every resource, next to those that Steppe sets, for example for cost allocation. @default {} */
  readonly tags?: Readonly<Record<string, string>>;
  /** @default - the vendors' package repositories */
  readonly install?: InstallSource;
  /** @default - in service */
  readonly retired?: Retirement;
}

/** One availability zone of a site. */
export interface AwsZone {
  /** Range of the zone's subnet, inside the VPC's. */
  readonly cidr: string;
  /** An existing subnet, in an existing VPC. Shape: `subnet-0123456789abcdef0`. @default - Steppe makes one */
  readonly subnetId?: string;
  /** Range of a subnet for the zone's NAT gateway, where `egress` asks for one. Shape: `10.10.240.0/28`. @default - none */
  readonly natCidr?: string;
}

/**
 * How machines of a VPC reach the internet.
 *
 * - `public-address`: each machine has a public IPv4 address, with nothing open but the tailnet's 41641/udp. Tailnet peers find
 *   each other directly.
 * - `nat-gateway`: no public addresses. AWS's NAT gateways change ports by destination, so that tailnet peers talk through
 *   relays: slower, and the gateway costs by the hour and by the GB. One gateway per zone, in a subnet of its own (`natCidr`).
 * - `existing`: machines of an existing VPC have no public address, and leave as its routes say.
 */
export type AwsEgress =
  | { readonly kind: "public-address" }
  | ({ readonly kind: "nat-gateway" } & Acknowledgement)
  | ({ readonly kind: "existing" } & Acknowledgement);
