import { awsBlocks } from "./aws-blocks";
import { googleBlocks } from "./google-blocks";

/**
 * Names that are blocks, with the blocks inside them. Terraform's JSON does not tell blocks from attributes, so HCL needs
 * this list; what is not in it is an attribute.
 */
export interface Blocks {
  readonly [name: string]: Blocks;
}

const none: Blocks = {};

/** Blocks that every resource may have. `provisioner` and `dynamic` carry a label. */
export const resourceBlocks: Blocks = {
  connection: none,
  lifecycle: { precondition: none, postcondition: none },
  provisioner: { connection: none },
  timeouts: none,
};

/** Blocks of a resource or data source, by type. Grows with the resources in use. */
export const blocksByType: Readonly<Record<string, Blocks>> = {
  ...awsBlocks,
  ...googleBlocks,
  nomad_acl_auth_method: { config: none },
  nomad_acl_policy: { job_acl: none },
  nomad_acl_role: { policy: none },
  nomad_csi_volume: csiVolume(),
  nomad_csi_volume_registration: csiVolume(),
  nomad_dynamic_host_volume: { capability: none, constraint: none },
  nomad_dynamic_host_volume_registration: { capability: none, constraint: none },
  nomad_job: { hcl2: none },
  nomad_namespace: { capabilities: none, node_pool_config: none },
  nomad_node_pool: { scheduler_config: none },
  nomad_quota_specification: { limits: { region_limit: none } },
  tailscale_contacts: { account: none, security: none, support: none },
  tailscale_devices: { filter: none },
  tailscale_dns_configuration: { nameservers: none, split_dns: { nameservers: none } },
};

function csiVolume(): Blocks {
  const topology: Blocks = { topology: none };
  return { capability: none, mount_options: none, topology_request: { required: topology, preferred: topology } };
}

/** Blocks of a provider configuration, by provider. */
export const blocksByProvider: Readonly<Record<string, Blocks>> = {
  nomad: { auth_jwt: none, headers: none },
  google: { batching: none, external_credentials: none },
  aws: { assume_role: none, default_tags: none, endpoints: none, ignore_tags: none },
};

/** Blocks inside a `terraform` block. `backend` carries a label. */
export const terraformBlocks: Blocks = { backend: none, cloud: { workspaces: none }, required_providers: none };

export const variableBlocks: Blocks = { validation: none };
/** Blocks inside a `removed` block. */
export const removedBlocks: Blocks = { lifecycle: none };

export const outputBlocks: Blocks = { precondition: none };

/** Blocks whose JSON has the label as a key: `provisioner "file" { … }`. */
export const labelled: ReadonlySet<string> = new Set(["backend", "dynamic", "provisioner"]);

/** Attributes that JSON writes as text and HCL as a bare reference or keyword, in any body. */
export const references: ReadonlySet<string> = new Set([
  "depends_on",
  "ignore_changes",
  "on_failure",
  "provider",
  "replace_triggered_by",
  "when",
]);
