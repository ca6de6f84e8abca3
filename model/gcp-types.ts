import type { Acknowledgement, Architecture, InstallSource, Retirement } from "./types";

/** A region of Google Cloud: one subnet of a VPC network, and what is made in it. */
export interface GcpSite {
  readonly platform: "gcp";
  /** Id of the project that machines, disks and secrets belong to. Shape: `acme-fleet`. */
  readonly project: string;
  /** Shape: `europe-west4`. */
  readonly gcpRegion: string;
  /** Zones in use. Shape: `["europe-west4-a", "europe-west4-b"]`. */
  readonly zones: readonly string[];
  /** Primary IPv4 range of the subnet: one, for all zones. Shape: `["10.50.0.0/20"]`. */
  readonly networks: readonly string[];
  /** An existing network and subnet, of this project or of a Shared VPC's host project. @default - Steppe makes both */
  readonly existingNetwork?: GcpNetworkLinks;
  /** How machines reach the internet. @default { kind: "external-address" } */
  readonly egress?: GcpEgress;
  /** Machines without an external address reach Google's APIs inside the network. @default true */
  readonly privateGoogleAccess?: boolean;
  /** Records of who talked to whom, in Cloud Logging, which keeps them as its bucket says. @default - none */
  readonly flowLogs?: GcpFlowLogs;
  /**
   * Machine images by architecture. Shape: `projects/debian-cloud/global/images/debian-12-bookworm-v20250610`. Not a family,
   * which is another image tomorrow.
   */
  readonly images: Readonly<Partial<Record<Architecture, string>>>;
  /** How servers are reached over the tailnet. */
  readonly ssh: GcpSsh;
  /** Labels of every resource that can have some, next to those that Steppe sets, for example for cost allocation. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - the vendors' package repositories */
  readonly install?: InstallSource;
  /** @default - in service */
  readonly retired?: Retirement;
}

/** Self links of a network and of the subnet in it that the machines use. */
export interface GcpNetworkLinks {
  /** Shape: `projects/acme-network/global/networks/shared`. */
  readonly network: string;
  /** Shape: `projects/acme-network/regions/europe-west4/subnetworks/fleet`. */
  readonly subnetwork: string;
}

/** Login and keys of servers, and who decides about them. */
export interface GcpSsh {
  /**
   * Login that Terraform uses; a server's first boot makes it where the image has none. With `osLogin` the name that OS Login
   * gives whoever applies.
   *
   * @default "steppe"
   */
  readonly user?: string;
  /**
   * Port of sshd. With Tailscale SSH (`tailnet.ssh`) it must be another than 22, which tailscaled then answers itself.
   *
   * @default 22
   */
  readonly port?: number;
  /** Public keys of the operators; none with `osLogin`, which has its own. Shape: `ssh-ed25519 AAAA…`. */
  readonly authorizedKeys: readonly string[];
  /** IAM decides who logs in, and with which keys (`roles/compute.osAdminLogin`). @default false */
  readonly osLogin?: boolean;
}

/**
 * VPC Flow Logs of the subnet.
 *
 * @see https://cloud.google.com/vpc/docs/flow-logs
 */
export interface GcpFlowLogs {
  /** Share of the flows that is recorded, more than 0 and at most 1. @default 0.5 */
  readonly flowSampling?: number;
  /** @default "INTERVAL_5_SEC" */
  readonly aggregationInterval?: (typeof FLOW_LOG_INTERVALS)[number];
}

/** Times over which VPC Flow Logs sum up a connection. */
export const FLOW_LOG_INTERVALS = [
  "INTERVAL_5_SEC",
  "INTERVAL_30_SEC",
  "INTERVAL_1_MIN",
  "INTERVAL_5_MIN",
  "INTERVAL_10_MIN",
  "INTERVAL_15_MIN",
] as const;

/**
 * How machines of a site reach the internet.
 *
 * - `external-address`: each machine has an external IPv4 address, with nothing open but the tailnet's 41641/udp. Tailnet peers
 *   find each other directly.
 * - `cloud-nat`: no external addresses; a Cloud Router and Cloud NAT, which keeps a machine's port for all destinations, so that
 *   tailnet peers can still find each other directly. It costs by the hour and machine, and by the GB.
 * - `existing`: machines of an existing network have no external address, and leave as it lets them.
 */
export type GcpEgress =
  | { readonly kind: "external-address" }
  | ({ readonly kind: "cloud-nat" } & Acknowledgement)
  | ({ readonly kind: "existing" } & Acknowledgement);
