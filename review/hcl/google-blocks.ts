import type { Blocks } from "./blocks";

const none: Blocks = {};

/**
 * Blocks of the Google provider's resources that Steppe makes, as its schema has them.
 *
 * @see https://registry.terraform.io/providers/hashicorp/google/latest/docs
 */
export const googleBlocks: Readonly<Record<string, Blocks>> = {
  google_compute_disk: {
    async_primary_disk: none,
    disk_encryption_key: none,
    guest_os_features: none,
    params: none,
    source_image_encryption_key: none,
    source_snapshot_encryption_key: none,
  },
  google_compute_firewall: { allow: none, deny: none, log_config: none, params: none },
  google_compute_instance: {
    advanced_machine_features: none,
    attached_disk: none,
    boot_disk: { initialize_params: { source_image_encryption_key: none, source_snapshot_encryption_key: none } },
    confidential_instance_config: none,
    guest_accelerator: none,
    instance_encryption_key: none,
    network_interface: { access_config: none, alias_ip_range: none, ipv6_access_config: none },
    network_performance_config: none,
    params: none,
    reservation_affinity: { specific_reservation: none },
    scheduling: {
      local_ssd_recovery_timeout: none,
      max_run_duration: none,
      node_affinities: none,
      on_instance_stop_action: none,
    },
    scratch_disk: none,
    service_account: none,
    shielded_instance_config: none,
  },
  google_compute_network: { params: none },
  google_compute_region_instance_group_manager: {
    all_instances_config: none,
    auto_healing_policies: none,
    instance_flexibility_policy: { instance_selections: none },
    instance_lifecycle_policy: none,
    named_port: none,
    standby_policy: none,
    stateful_disk: none,
    stateful_external_ip: none,
    stateful_internal_ip: none,
    update_policy: none,
    version: { target_size: none },
  },
  google_compute_region_instance_template: {
    advanced_machine_features: none,
    confidential_instance_config: none,
    disk: { disk_encryption_key: none, source_image_encryption_key: none, source_snapshot_encryption_key: none },
    guest_accelerator: none,
    network_interface: { access_config: none, alias_ip_range: none, ipv6_access_config: none },
    network_performance_config: none,
    reservation_affinity: { specific_reservation: none },
    scheduling: {
      local_ssd_recovery_timeout: none,
      max_run_duration: none,
      node_affinities: none,
      on_instance_stop_action: none,
    },
    service_account: none,
    shielded_instance_config: none,
  },
  google_compute_router: { bgp: { advertised_ip_ranges: none }, md5_authentication_keys: none },
  google_compute_router_nat: { log_config: none, nat64_subnetwork: none, rules: { action: none }, subnetwork: none },
  google_compute_subnetwork: { log_config: none, params: none, secondary_ip_range: none },
  google_secret_manager_secret: {
    replication: {
      auto: { customer_managed_encryption: none },
      user_managed: { replicas: { customer_managed_encryption: none } },
    },
    rotation: none,
    topics: none,
  },
  google_secret_manager_secret_iam_member: { condition: none },
  google_storage_bucket: {
    autoclass: none,
    cors: none,
    custom_placement_config: none,
    encryption: none,
    hierarchical_namespace: none,
    ip_filter: { public_network_source: none, vpc_network_sources: none },
    lifecycle_rule: { action: none, condition: none },
    logging: none,
    retention_policy: none,
    soft_delete_policy: none,
    versioning: none,
    website: none,
  },
  google_storage_bucket_iam_member: { condition: none },
};
