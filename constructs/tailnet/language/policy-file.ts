/**
 * The tailnet policy file as typed data: every section, as Tailscale and headscale read it.
 *
 * Property names are the file's own, so a value of {@link PolicyFile} is the JSON document.
 *
 * @see https://tailscale.com/kb/1337/policy-syntax
 */

/** Whose language: Tailscale's control plane, or headscale, which has no postures, IP sets or roles. */
export type Dialect = "tailscale" | "headscale";

/** Application capabilities by name, shape `example.com/cap/name`, each with its parameters. */
export type AppCapabilities = Readonly<Record<string, readonly unknown[]>>;

/** Sources may reach destinations on these ports, or hold these capabilities there. @see https://tailscale.com/kb/1538/grants-syntax */
export interface GrantRule {
  readonly src: readonly string[];
  readonly dst: readonly string[];
  /** Shape: `*`, `443`, `80-90`, `tcp:4647`, `udp:4648,4650`, `icmp:*`. Without a protocol: TCP, UDP and ICMP. */
  readonly ip?: readonly string[];
  readonly app?: AppCapabilities;
  /** Postures of `postures`, of which the source must hold one. Tailscale only. */
  readonly srcPosture?: readonly string[];
  /** Tags of the routers that the way must lead through. */
  readonly via?: readonly string[];
}

/** The older form of a rule: the ports stand with each destination. */
export interface AclRule {
  readonly action: "accept";
  /** Name or number. @default - TCP, UDP and ICMP */
  readonly proto?: string;
  readonly src: readonly string[];
  /** Shape: `tag:web:443`, `10.0.0.0/8:80,443`, `*:*`. */
  readonly dst: readonly string[];
  readonly srcPosture?: readonly string[];
}

/** Who may open an SSH session of Tailscale SSH, and as whom. @see https://tailscale.com/kb/1193/tailscale-ssh */
export interface SshRule {
  readonly action: "accept" | "check";
  readonly src: readonly string[];
  readonly dst: readonly string[];
  readonly users: readonly string[];
  /** Time until a `check` asks again: a duration up to `168h`, or `always`. */
  readonly checkPeriod?: string;
  /** Environment variables that pass, `*` and `?` as wildcards. */
  readonly acceptEnv?: readonly string[];
  readonly srcPosture?: readonly string[];
  readonly recorder?: readonly string[];
  readonly enforceRecorder?: boolean;
}

/** Whose routes and exit nodes need no approval. */
export interface AutoApprovers {
  readonly routes?: Readonly<Record<string, readonly string[]>>;
  readonly exitNode?: readonly string[];
  readonly services?: Readonly<Record<string, readonly string[]>>;
}

/** Attributes of devices. */
export interface NodeAttribute {
  readonly target: readonly string[];
  readonly attr?: readonly string[];
  readonly app?: AppCapabilities;
  /** Ranges inside 100.64.0.0/10 that addresses come from. Tailscale only. */
  readonly ipPool?: readonly string[];
}

/** What must hold of the policy; the control server refuses a policy that fails its tests. */
export interface AccessTest {
  readonly src: string;
  readonly srcPostureAttrs?: Readonly<Record<string, unknown>>;
  /** `tcp`, `udp`, `sctp`, or a number. @default - TCP, UDP or ICMP, any of them */
  readonly proto?: string;
  /** Shape: `tag:web:443`. */
  readonly accept?: readonly string[];
  readonly deny?: readonly string[];
}

/** What must hold of the SSH rules: accept, check and deny list login names. */
export interface SshTest {
  readonly src: string;
  readonly srcPostureAttrs?: Readonly<Record<string, unknown>>;
  readonly dst: readonly string[];
  readonly accept?: readonly string[];
  readonly check?: readonly string[];
  readonly deny?: readonly string[];
}

/** A whole policy file. */
export interface PolicyFile {
  /** Users by group, shape `group:name`. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Addresses and ranges by name. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Ranges by set, shape `ipset:name`: `10.0.0.0/8`, `add …`, `remove …`, in order. Tailscale only. */
  readonly ipsets?: Readonly<Record<string, readonly string[]>>;
  /** Who may give a machine the tag. */
  readonly tagOwners?: Readonly<Record<string, readonly string[]>>;
  /** With neither `acls` nor `grants` all is open; with an empty list all is closed. */
  readonly acls?: readonly AclRule[];
  readonly grants?: readonly GrantRule[];
  readonly ssh?: readonly SshRule[];
  readonly autoApprovers?: AutoApprovers;
  readonly nodeAttrs?: readonly NodeAttribute[];
  /** Conditions by posture, shape `posture:name`. Tailscale only. */
  readonly postures?: Readonly<Record<string, readonly string[]>>;
  readonly defaultSrcPosture?: readonly string[];
  readonly tests?: readonly AccessTest[];
  readonly sshTests?: readonly SshTest[];
  /** Tailscale only. */
  readonly disableIPv4?: boolean;
  /** Tailscale only. */
  readonly OneCGNATRoute?: "" | "mac-always" | "mac-never";
  readonly randomizeClientPort?: boolean;
  /** Tailscale only. */
  readonly derpMap?: unknown;
}
