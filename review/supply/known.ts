import { activeServerNames, magicDnsName, serverNames } from "../../model/names";
import type { Fleet } from "../../model/types";

/** Providers that Steppe's own stacks are made with. */
const OWN: ReadonlySet<string> = new Set([
  "registry.terraform.io/hashicorp/aws",
  "registry.terraform.io/hashicorp/google",
  "registry.terraform.io/hashicorp/nomad",
  "registry.terraform.io/tailscale/tailscale",
  "terraform.io/builtin/terraform",
]);

/** True for a provider of Steppe's own stacks, or one that HashiCorp makes. */
export function isKnownProvider(source: string): boolean {
  return OWN.has(source) || /^registry\.terraform\.io\/hashicorp\/[^/]+$/.test(source);
}

/** Settings of providers that say where requests, and the credentials with them, go. */
const DESTINATION =
  /^(?:address|base_url|url|host|endpoint|endpoints|.*_endpoint|.*_proxy|insecure|skip_verify|ca_file|ca_pem|custom_ca_bundle|assume_role|assume_role_with_web_identity|impersonate_service_account|profile|shared_.*_files)$/;

/** Whether a setting of a provider decides whom it trusts with credentials. */
export function isDestination(setting: string): boolean {
  return DESTINATION.test(setting);
}

/** Data sources that run programs, ask the network, or read what must not be in a plan. */
const RISKY: Readonly<Record<string, string>> = {
  external: "runs a program where it is planned, with the credentials there",
  http: "asks the network where it is planned, and may carry anything there",
  local_command: "runs a program where it is planned, with the credentials there",
  terraform_remote_state: "reads another stack's state, with every secret in it",
};
const SECRETS =
  /^(?:aws_secretsmanager_secret_version|aws_secretsmanager_random_password|aws_ssm_parameter|aws_kms_secrets|google_secret_manager_secret_version(?:_access)?|google_service_account_(?:key|access_token)|nomad_(?:variable|acl_token)|vault_.*)$/;

/** What is wrong with a data source, by its type. @returns undefined for one that only looks something up. */
export function riskOfData(type: string): string | undefined {
  if (Object.hasOwn(RISKY, type)) return RISKY[type];
  return SECRETS.test(type) ? "reads a secret into state and plan" : undefined;
}

/** Addresses of Nomad's API in a fleet: any server of any region. */
export function nomadAddresses(fleet: Fleet): ReadonlySet<string> {
  const names = Object.keys(fleet.regions).flatMap((region) => activeServerNames(fleet, region));
  return new Set(names.map((name) => `https://${magicDnsName(fleet, name)}:4646`));
}

/** Hosts that a fleet's stacks connect to: machines on their own network and in the tailnet. */
export function ownHosts(fleet: Fleet): ReadonlySet<string> {
  const machines = Object.values(fleet.sites).flatMap((site) =>
    site.platform === "onprem" ? Object.entries(site.hosts) : [],
  );
  const servers = Object.keys(fleet.regions).flatMap((region) => serverNames(fleet, region));
  return new Set([
    ...machines.flatMap(([name, { address }]) => [address, magicDnsName(fleet, name)]),
    ...servers.map((name) => magicDnsName(fleet, name)),
  ]);
}
