import type { Problem } from "../constructs/core/problems";

/** True for an id of EC2: new ones have 17 digits, old ones eight. Shape: `vpc-0123456789abcdef0`. */
export function isAwsId(prefix: "ami" | "subnet" | "vpc", id: string): boolean {
  return new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id);
}

/** Problem with the id of a machine image. */
export function imageIdProblems(path: string, image: string): Problem[] {
  if (isAwsId("ami", image)) return [];
  return [{ path, rule: "must be the id of a machine image", got: image, fix: "write it like ami-0123456789abcdef0" }];
}

/** Problem with the id of a subnet. */
export function subnetIdProblems(path: string, subnet: string): Problem[] {
  if (isAwsId("subnet", subnet)) return [];
  return [{ path, rule: "must be the id of a subnet", got: subnet, fix: "write it like subnet-0123456789abcdef0" }];
}
