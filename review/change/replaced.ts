import { entry } from "../json";
import { liesIn } from "./paths";

/**
 * Arguments that make Terraform replace a resource, by type: those of resources whose replacement loses something. Where a plan is
 * there, it is asked instead. AWS 5.100.0 and Nomad 2.5.2 have been asked for each of theirs; Google's are from its documentation.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs "Forces new resource"
 */
const REPLACED_BY: Readonly<Record<string, readonly string[]>> = {
  aws_autoscaling_group: ["name", "name_prefix"],
  aws_cloudwatch_log_group: ["name", "name_prefix"],
  aws_db_instance: [
    "availability_zone",
    "character_set_name",
    "db_name",
    "engine",
    "kms_key_id",
    "nchar_character_set_name",
    "s3_import",
    "snapshot_identifier",
    "storage_encrypted",
    "timezone",
    "username",
  ],
  aws_ebs_volume: ["availability_zone", "encrypted", "kms_key_id", "outpost_arn", "snapshot_id"],
  aws_efs_file_system: ["availability_zone_name", "creation_token", "encrypted", "kms_key_id"],
  aws_iam_instance_profile: ["name", "name_prefix", "path"],
  aws_iam_role: ["name", "name_prefix", "path"],
  aws_iam_role_policy: ["name", "name_prefix", "role"],
  aws_instance: [
    "ami",
    "associate_public_ip_address",
    "availability_zone",
    "cpu_core_count",
    "cpu_options",
    "cpu_threads_per_core",
    "ebs_block_device.device_name",
    "ebs_block_device.snapshot_id",
    "ebs_optimized",
    "enclave_options",
    "hibernation",
    "host_id",
    "key_name",
    "network_interface",
    "placement_group",
    "placement_partition_number",
    "private_ip",
    "root_block_device.encrypted",
    "root_block_device.kms_key_id",
    "security_groups",
    "subnet_id",
    "tenancy",
  ],
  aws_kms_key: ["custom_key_store_id", "multi_region"],
  aws_launch_template: ["name", "name_prefix"],
  aws_route_table_association: ["gateway_id", "subnet_id"],
  aws_s3_bucket: ["bucket", "bucket_prefix", "object_lock_enabled"],
  aws_s3_bucket_versioning: ["bucket"],
  aws_secretsmanager_secret: ["name", "name_prefix"],
  aws_security_group: ["description", "name", "name_prefix", "vpc_id"],
  aws_subnet: ["availability_zone", "availability_zone_id", "cidr_block", "ipv6_native", "outpost_arn", "vpc_id"],
  aws_volume_attachment: ["device_name", "instance_id", "volume_id"],
  aws_vpc: ["cidr_block", "instance_tenancy", "ipv4_ipam_pool_id"],
  aws_vpc_endpoint: ["service_name", "service_region", "vpc_endpoint_type", "vpc_id"],
  aws_vpc_security_group_egress_rule: ["security_group_id"],
  aws_vpc_security_group_ingress_rule: ["security_group_id"],
  google_compute_disk: ["name", "type", "zone", "image", "snapshot", "project"],
  google_compute_instance: ["name", "zone", "boot_disk", "project", "hostname"],
  google_compute_network: ["name", "auto_create_subnetworks", "project"],
  google_compute_subnetwork: ["name", "network", "region", "project"],
  google_compute_firewall: ["name", "network", "project"],
  google_storage_bucket: ["name", "location", "project"],
  google_secret_manager_secret: ["secret_id", "project"],
  google_service_account: ["account_id", "project"],
  nomad_acl_auth_method: ["name"],
  nomad_acl_policy: ["name"],
  nomad_csi_volume: ["clone_id", "namespace", "plugin_id", "snapshot_id", "topology_request", "volume_id"],
  nomad_csi_volume_registration: ["external_id", "namespace", "plugin_id", "volume_id"],
  // Nomad itself refuses what else would make it another volume.
  nomad_dynamic_host_volume: ["node_id"],
  nomad_namespace: ["name"],
  nomad_node_pool: ["name"],
  nomad_quota_specification: ["name"],
  nomad_variable: ["namespace", "path"],
  terraform_data: ["triggers_replace"],
};

/** Whether a change of an argument makes Terraform destroy the resource and make it anew. */
export function forcesReplacement(type: string, path: string): boolean {
  return (entry(REPLACED_BY, type) ?? []).some((name) => liesIn(path, name));
}
