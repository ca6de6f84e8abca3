import { compare, valid } from "semver";

/** The only home of version numbers of what runs on the machines and of the providers. */
export const DEFAULT_NOMAD_VERSION = "2.0.5";
export const DEFAULT_TAILSCALE_VERSION = "1.102.3";
export const NOMAD_PROVIDER_VERSION = "2.5.2";
/**
 * Provider of stacks with a job whose counts an apply keeps: `preserve_counts` is new in 2.6.0, which 2.6.1 mends.
 *
 * @see https://github.com/hashicorp/terraform-provider-nomad/blob/v2.6.1/CHANGELOG.md
 */
export const NOMAD_PROVIDER_SCALING_VERSION = "2.6.1";
export const TAILSCALE_PROVIDER_VERSION = "0.29.2";
/** Ephemeral variables in provisioners and write-only arguments need it. */
export const MINIMUM_TERRAFORM_VERSION = "1.11.0";
/** `tailscale wait` and its unit. @see https://github.com/tailscale/tailscale/pull/18574 */
export const MINIMUM_TAILSCALE_VERSION = "1.96.0";

/** @see https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/release-notes.html */
export const GPU_TOOLKIT_VERSION = "1.19.1";
/** Nomad's device plugin for NVIDIA. @see https://github.com/hashicorp/nomad-device-nvidia/blob/main/CHANGELOG.md */
export const GPU_PLUGIN_VERSION = "1.1.0";
/** First branch of NVIDIA's driver with a package that keeps machines to it. @see https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/version-locking.html */
export const FIRST_GPU_DRIVER_BRANCH = 580;

/** A published security hole: affected below `fixedIn`, on the same major and minor line or older. */
export interface SecurityHole {
  readonly id: string;
  readonly summary: string;
  /** First Community Edition version without it. */
  readonly fixedIn: string;
}

/** Nomad Community Edition versions that Steppe renders for. */
export const KNOWN_NOMAD_VERSIONS: readonly string[] = ["1.10.5", "1.11.3", "2.0.0", "2.0.1", "2.0.5"];

/** @see https://discuss.hashicorp.com/c/security */
export const NOMAD_SECURITY_HOLES: readonly SecurityHole[] = [
  {
    id: "CVE-2026-7474",
    summary: "a dynamic host volume plugin can be run from outside the plugin directory",
    fixedIn: "2.0.1",
  },
  { id: "CVE-2026-6959", summary: "a task can follow a log FIFO symlink out of its directory", fixedIn: "2.0.1" },
];

/** What a fleet may use, since when, and in which edition. */
export interface NomadFeature {
  readonly name: string;
  readonly since: string;
  /** First version that no longer has it. */
  readonly removedIn?: string;
  readonly enterprise?: boolean;
}

export const NOMAD_FEATURES = {
  nodePools: { name: "node pools", since: "1.6.0" },
  disconnect: { name: "the disconnect block", since: "1.8.0" },
  dynamicHostVolumes: { name: "dynamic host volumes", since: "1.10.0" },
  clientIntroduction: { name: "client introduction", since: "1.11.0" },
  raftLogstore: { name: "server.raft_logstore", since: "2.0.0" },
  poolScheduler: { name: "a scheduler configuration per node pool", since: "1.6.0", enterprise: true },
} as const satisfies Record<string, NomadFeature>;

export type NomadFeatureName = keyof typeof NOMAD_FEATURES;

/** Why a feature cannot be used on a version and edition; undefined when it can. */
export function featureRefusal(
  feature: NomadFeatureName,
  nomadVersion: string,
  edition: "community" | "enterprise",
): string | undefined {
  const known: NomadFeature = NOMAD_FEATURES[feature];
  if (known.enterprise === true && edition !== "enterprise") return `${known.name} needs Nomad Enterprise`;
  if (valid(nomadVersion) === null) return undefined;
  if (compare(nomadVersion, known.since) < 0) return `${known.name} needs Nomad ${known.since} or newer`;
  if (known.removedIn !== undefined && compare(nomadVersion, known.removedIn) >= 0)
    return `${known.name} was removed in Nomad ${known.removedIn}`;
  return undefined;
}

/** Published security holes of a Nomad version. */
export function securityHoles(nomadVersion: string): readonly SecurityHole[] {
  if (valid(nomadVersion) === null) return [];
  return NOMAD_SECURITY_HOLES.filter((hole) => compare(nomadVersion, hole.fixedIn) < 0);
}
