import type { Tag } from "./names";

/** Ports from the first to the last, both included. Shape: `18000-18999`. */
export type PortRange = `${number}-${number}`;

/** Who a grant of one's own speaks of, as the policy file writes it. Shape: `tag:…`, `group:…`, `ada@example.com`, `10.0.0.0/8`. */
export type Subject = string;

/** The tailnet that joins all machines of a fleet. */
export interface Tailnet {
  /** MagicDNS domain. Shape: `tail1234.ts.net`; machines are `<host>.<domain>`. */
  readonly domain: string;
  /**
   * Coordination server, for `tailscale up --login-server`.
   *
   * @default "https://controlplane.tailscale.com"
   */
  readonly controlServer?: string;
  /**
   * Which policy language the coordination server understands.
   *
   * @default "tailscale" with Tailscale's own coordination server, else "headscale"
   */
  readonly dialect?: "tailscale" | "headscale";
  /**
   * Users by group. Shape: `{ "group:platform": ["ada@example.com"] }`. A group that the identity provider keeps is named
   * with its domain and not listed here.
   *
   * @default {}
   */
  readonly groups?: Readonly<Record<`group:${string}`, readonly string[]>>;
  /**
   * Who owns the fleet's tags: may give them to machines.
   *
   * @default ["autogroup:admin"]
   */
  readonly tagOwners?: readonly Subject[];
  /**
   * Tags of machines outside the fleet, such as a monitoring host, each with who may give it. Callers and extra grants may
   * name them.
   *
   * @default {}
   */
  readonly otherTags?: Readonly<Record<Tag, readonly Subject[]>>;
  /**
   * Who may operate the fleet, as policy subjects, next to machines tagged `tag:nomad-operator`. Shape: `group:platform`,
   * `user@example.com`, `autogroup:admin` (Tailscale only).
   *
   * @default []
   */
  readonly operators?: readonly Subject[];
  /** Names of the tailnet. @default - MagicDNS on, all else as it is */
  readonly dns?: TailnetDns;
  /** Settings of the tailnet. What is left out stays as it is. @default - none is managed */
  readonly settings?: TailnetSettings;
  /**
   * Tailscale SSH for operators: tailscaled answers on port 22 of the tailnet address and knows who calls.
   *
   * @default - off; operators reach the machines' own sshd
   */
  readonly ssh?: TailscaleSsh;
  /** Ways that the fleet's data cannot say, each with its reason. @default [] */
  readonly extraGrants?: readonly ExtraGrant[];
  /**
   * The policy of a tailnet that was there before the fleet. It is kept; what the fleet needs is added to it.
   *
   * @default - the tailnet is the fleet's alone
   */
  readonly adopted?: AdoptedPolicy;
}

/** Names of the tailnet. MagicDNS is always on: machines find each other by name. */
export interface TailnetDns {
  /** Resolvers for every name outside the tailnet. Shape: `["9.9.9.9"]`. @default - as it is */
  readonly nameservers?: readonly string[];
  /**
   * Use `nameservers` instead of a machine's own. Given at all, it manages the tailnet's whole DNS: what is not named here is
   * cleared.
   *
   * @default - as it is, and so is what is not named here
   */
  readonly overrideLocalDns?: boolean;
  /** Domains that complete short names. @default - as they are */
  readonly searchPaths?: readonly string[];
  /** Resolvers of single domains. Shape: `{ "corp.example.com": ["10.0.0.53"] }`. @default {} */
  readonly splitDns?: Readonly<Record<string, readonly string[]>>;
}

/** Settings of a tailnet. @see https://registry.terraform.io/providers/tailscale/tailscale/latest/docs/resources/tailnet_settings */
export interface TailnetSettings {
  /** The console refuses edits of the policy and points to `aclsExternalLink`. */
  readonly aclsExternallyManagedOn?: boolean;
  /** Where the policy is kept, shown by the console. */
  readonly aclsExternalLink?: string;
  /** New devices wait for an admin. Auth keys must then be pre-approved, which Steppe's are. */
  readonly devicesApprovalOn?: boolean;
  readonly devicesAutoUpdatesOn?: boolean;
  /** Days until people's devices must log in again. Tagged machines do not expire. From 1 to 180. */
  readonly devicesKeyDurationDays?: number;
  readonly usersApprovalOn?: boolean;
  readonly usersRoleAllowedToJoinExternalTailnet?: "none" | "admin" | "member";
  readonly networkFlowLoggingOn?: boolean;
  readonly regionalRoutingOn?: boolean;
  readonly postureIdentityCollectionOn?: boolean;
  /** HTTPS certificates for MagicDNS names. */
  readonly httpsEnabled?: boolean;
}

/** Tailscale SSH for operators. @see https://tailscale.com/kb/1193/tailscale-ssh */
export interface TailscaleSsh {
  /** Logins on the machines. Shape: `["steppe", "root"]`. */
  readonly users: readonly string[];
  /** `check` asks people to log in again; machines cannot, so operators' machines are always accepted. @default "check" */
  readonly action?: "accept" | "check";
  /** Time until `check` asks again. Shape: `12h`, up to `168h`. @default "12h" */
  readonly checkPeriod?: string;
}

/** A grant of one's own. @see https://tailscale.com/kb/1324/grants */
export interface ExtraGrant {
  /** One sentence for the reviewer; it stands in the policy file. */
  readonly reason: string;
  readonly src: readonly Subject[];
  readonly dst: readonly Subject[];
  /** Shape: `tcp:443`, `udp:53`, `tcp:8000-8100`, `icmp:*`, `*`. */
  readonly ip: readonly string[];
}

/** The policy that a tailnet had before the fleet, as typed data. `./steppe tailnet adopt` writes it. */
export interface AdoptedPolicy {
  /** The policy file, its sections as they are. */
  readonly policy: Readonly<Record<string, unknown>>;
  /**
   * Paths of the old policy that the fleet's own take the place of, each with the reason. Shape:
   * `{ "acls.0": "allowed everything to everyone" }`, `{ "tagOwners.tag:nomad-server": "…" }`.
   *
   * @default {}
   */
  readonly dropped?: Readonly<Record<string, string>>;
}

/**
 * How machines prove to the coordination server who they are.
 *
 * - `auth-key`: a key that the operator makes (`./steppe secret put`); at most 90 days old when a machine joins.
 * - `oauth-client`: the secret of an OAuth client that may make keys; does not expire. Tailscale only.
 * - `workload-identity`: the cloud vouches for the machine, no key is kept. Tailscale only, AWS and GCP.
 */
export type JoinMethod =
  | { readonly kind: "auth-key" }
  | { readonly kind: "oauth-client" }
  | {
      readonly kind: "workload-identity";
      /** Issuer of the identity token. Shape: `https://…`. @default - GCP: https://accounts.google.com */
      readonly issuer?: string;
      /**
       * Subject of the token, `*` as wildcard. Shape: on GCP the service account's unique id, on AWS the role's ARN.
       *
       * @default - GCP: that of the machines' own service account
       */
      readonly subject?: string;
      /** Claims that the token must have. @default {} */
      readonly claims?: Readonly<Record<string, string>>;
    };

/** A machine of a LAN that runs no tailscaled, such as a NAS. */
export interface LanHost<PoolName extends string = string> {
  /** IPv4 address inside one of the site's networks. */
  readonly address: string;
  /**
   * Pools of this site whose machines are its subnet routers: they advertise a route to this address alone. Where there are
   * several machines one takes over from another.
   */
  readonly routers: readonly PoolName[];
  readonly services: Readonly<Record<string, LanService<PoolName>>>;
}

/** What a machine of the LAN offers to the tailnet. */
export interface LanService<PoolName extends string = string> {
  readonly port: number | PortRange;
  /** @default "tcp" */
  readonly protocol?: ServiceProtocol;
  readonly callers: readonly Caller<PoolName>[];
}

export type ServiceProtocol = "tcp" | "udp" | "tcp+udp";

/**
 * Who may call a service: a pool, all servers, the operators, or somebody of the tailnet (a group, a tag of `otherTags`, a
 * user, `autogroup:member`).
 */
export type Caller<PoolName extends string = string> =
  | PoolName
  | "operators"
  | "servers"
  | `group:${string}`
  | `tag:${string}`
  | `autogroup:${string}`
  | `${string}@${string}`;

/** Who collects the metrics of Nomad's agents. */
export interface Metrics<PoolName extends string = string> {
  /** They reach the HTTP port (4646) of every agent. Nomad's ACLs and certificates still stand before it. */
  readonly scrapers: readonly Caller<PoolName>[];
}
