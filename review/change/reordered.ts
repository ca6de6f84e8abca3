import { entry, isEqual, type Json } from "../json";

/**
 * Arguments that are sets to their provider, although JSON writes them as lists, by type.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs
 */
const SETS: Readonly<Record<string, readonly string[]>> = {
  aws_autoscaling_group: ["vpc_zone_identifier", "target_group_arns", "tag"],
  aws_default_security_group: ["ingress", "egress"],
  aws_instance: ["vpc_security_group_ids", "security_groups"],
  aws_launch_template: ["vpc_security_group_ids"],
  aws_lb: ["subnets", "security_groups", "subnet_mapping"],
  aws_vpc_endpoint: ["route_table_ids", "security_group_ids", "subnet_ids"],
  google_compute_firewall: ["source_ranges", "source_tags", "target_tags", "allow", "deny"],
  google_compute_instance: ["tags"],
  google_compute_region_instance_group_manager: ["distribution_policy_zones"],
  nomad_csi_volume: ["capability"],
  nomad_csi_volume_registration: ["capability"],
  tailscale_federated_identity: ["scopes", "tags"],
};

/** True where the only thing that changes is the order of what has none. */
export function isReordered(type: string, before: Json, after: Json, changed: readonly string[]): boolean {
  const sets = entry(SETS, type) ?? [];
  return changed.every((path) => {
    const name = /^[^.[]*/.exec(path)?.[0] ?? "";
    return sets.includes(name) && sameMembers(before[name], after[name]);
  });
}

function sameMembers(before: unknown, after: unknown): boolean {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
  const left: unknown[] = [...(after as readonly unknown[])];
  return before.every((item) => {
    const index = left.findIndex((other) => isEqual(item, other));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}
