import type { Fleet } from "../../model/types";
import { awsStack, trustOf } from "./aws";
import { AWS_PROVIDER, awsFiles, awsOverride } from "./aws-provider";
import { plan, terraformDir } from "./terraform";

/** What the real provider, offline, would do with an AWS site, next to what was synthesized. */
export function planOf(fleet: Fleet): {
  readonly planned: readonly string[];
  readonly synthesized: readonly string[];
  readonly actions: readonly string[];
} {
  const stack = awsStack(fleet, { trust: trustOf(2) });
  const changes = plan(terraformDir(awsFiles(stack, awsOverride()), [AWS_PROVIDER]));
  return {
    planned: changes.map(({ address }) => address).sort(),
    synthesized: Object.entries(stack.resource ?? {})
      .flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`))
      .sort(),
    actions: [...new Set(changes.flatMap(({ actions }) => actions))],
  };
}
