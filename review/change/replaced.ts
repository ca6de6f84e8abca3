import { entry } from "../json";
import { liesIn } from "./paths";

/**
 * Arguments that make Terraform replace a resource, by type: those of resources whose replacement loses something. Where a plan is
 * there, it is asked instead.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs "Forces new resource"
 */
const REPLACED_BY: Readonly<Record<string, readonly string[]>> = {
  aws_autoscaling_group: ["name", "name_prefix"],
  aws_ebs_volume: ["availability_zone", "encrypted", "kms_key_id", "snapshot_id", "outpost_arn"],
  aws_instance: [
    "ami",
    "availability_zone",
    "subnet_id",
    "private_ip",
    "key_name",
    "associate_public_ip_address",
    "cpu_options",
    "root_block_device.encrypted",
    "root_block_device.kms_key_id",
    "network_interface",
    "placement_group",
    "tenancy",
  ],
  aws_s3_bucket: ["bucket", "bucket_prefix", "object_lock_enabled"],
  aws_subnet: ["availability_zone", "cidr_block", "vpc_id"],
  aws_vpc: ["cidr_block", "instance_tenancy"],
  aws_volume_attachment: ["device_name", "instance_id", "volume_id"],
  aws_security_group: ["name", "name_prefix", "description", "vpc_id"],
  aws_secretsmanager_secret: ["name", "name_prefix"],
  aws_iam_role: ["name", "name_prefix", "path"],
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
  nomad_csi_volume: [
    "volume_id",
    "plugin_id",
    "namespace",
    "external_id",
    "snapshot_id",
    "clone_id",
    "topology_request",
    "parameters",
    "secrets",
    "capability",
  ],
  nomad_csi_volume_registration: ["volume_id", "external_id", "namespace"],
  nomad_dynamic_host_volume: ["name", "namespace", "plugin_id", "node_id", "node_pool", "constraint", "parameters"],
  nomad_namespace: ["name"],
  nomad_node_pool: ["name"],
  terraform_data: ["triggers_replace"],
};

/** Whether a change of an argument makes Terraform destroy the resource and make it anew. */
export function forcesReplacement(type: string, path: string): boolean {
  return (entry(REPLACED_BY, type) ?? []).some((name) => liesIn(path, name));
}
