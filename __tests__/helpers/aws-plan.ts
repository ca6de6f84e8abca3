import { createHash } from "node:crypto";
import type { Fleet } from "../../model/types";
import { awsStack, trustOf, USER_DATA } from "./aws";
import { AWS_PROVIDER, awsFiles, awsOverride } from "./aws-provider";
import { plan, terraformDir } from "./terraform";

/** What the real provider, offline, would do with an AWS site, next to what was synthesized. */
export function planOf(fleet: Fleet): {
  readonly planned: readonly string[];
  readonly synthesized: readonly string[];
  readonly actions: readonly string[];
  /** User data of servers that is not what was given. */
  readonly strangeUserData: readonly string[];
} {
  const stack = awsStack(fleet, { trust: trustOf(2) });
  const changes = plan(terraformDir(awsFiles(stack, awsOverride()), [AWS_PROVIDER]));
  // Older providers keep the digest of what they are given.
  const known = [USER_DATA, createHash("sha1").update(USER_DATA).digest("hex")];
  return {
    planned: changes.map(({ address }) => address).sort(),
    synthesized: Object.entries(stack.resource ?? {})
      .flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`))
      .sort(),
    actions: [...new Set(changes.flatMap(({ actions }) => actions))],
    strangeUserData: changes
      .filter(({ address }) => address.startsWith("aws_instance."))
      .map(({ after }) => (after as { user_data: string }).user_data)
      .filter((text) => !known.includes(text)),
  };
}
