import { renderHcl } from "../../review/hcl/render";
import { AWS_PROVIDER, awsOverride } from "./aws-provider";
import { googleOverride, GOOGLE_PROVIDER } from "./google-provider";
import type { StackDocument } from "./synth";
import { plan, type PlannedChange, terraformDir } from "./terraform";

/** A provider of machines, and what is laid over a stack so that it plans here. */
export interface CloudProvider {
  readonly source: string;
  readonly override: () => string;
}

export const aws: CloudProvider = { source: AWS_PROVIDER, override: awsOverride };
export const google: CloudProvider = { source: GOOGLE_PROVIDER, override: googleOverride };

/**
 * What the real providers, offline, would do with the stack of a site, next to what was synthesized.
 *
 * @param others - providers beside the cloud's own. Shape: `["tailscale/tailscale"]`.
 */
export function planOf(
  stack: StackDocument,
  { source, override }: CloudProvider,
  others: readonly string[] = [],
): {
  readonly planned: readonly string[];
  readonly synthesized: readonly string[];
  readonly actions: readonly string[];
  readonly changes: readonly PlannedChange[];
} {
  const files = { "cdk.tf.json": JSON.stringify(stack), "steppe_override.tf.json": override() };
  const changes = plan(terraformDir(files, [source, ...others]));
  return {
    changes,
    planned: changes.map(({ address }) => address).sort(),
    synthesized: Object.entries(stack.resource ?? {})
      .flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`))
      .sort(),
    actions: [...new Set(changes.flatMap(({ actions }) => actions))],
  };
}

/** What the real providers, offline, would do with the same stack as HCL. */
export function planOfHcl(
  stack: StackDocument,
  { source, override }: CloudProvider,
  others: readonly string[] = [],
): readonly PlannedChange[] {
  const files = { "main.tf": renderHcl(stack), "steppe_override.tf.json": override() };
  return plan(terraformDir(files, [source, ...others]));
}
