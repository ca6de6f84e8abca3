import type { Scope } from "./permission-scopes";

/** Actions on things of a scope. */
export type Grant = readonly [scope: Scope, actions: readonly string[]];

/** What Terraform does with a type of resource. */
export interface TypePermissions {
  /** To see what is there. */
  readonly read: readonly Grant[];
  /** To make, change and remove it. @default - nothing */
  readonly write?: readonly Grant[];
}

export const anything = (...actions: readonly string[]): Grant => ["Anything", actions];
export const REVOKE = ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"];
export const TAGGED: Grant = ["EC2Made", ["ec2:CreateTags"]];
export const UNTAGGED: Grant = ["EC2Ours", ["ec2:DeleteTags"]];

/**
 * What makes a thing of EC2 that has the fleet's tag from the start, and removes it again.
 *
 * @param change - what changes it.
 * @param place - what it is made in. @default - nothing
 */
export function ec2(name: string, change: readonly string[] = [], place?: Scope): readonly Grant[] {
  const create = [`ec2:Create${name}`];
  return [
    ["EC2Made", create],
    TAGGED,
    ...(place === undefined ? [] : [[place, create] as const]),
    ["EC2Ours", [`ec2:Delete${name}`, ...change]],
    UNTAGGED,
  ];
}
