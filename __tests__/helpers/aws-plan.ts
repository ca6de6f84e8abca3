import { renderHcl } from "../../review/hcl/render";
import { AWS_PROVIDER, awsFiles, awsOverride } from "./aws-provider";
import type { StackDocument } from "./synth";
import { plan, type PlannedChange, terraformDir } from "./terraform";

/** What the real providers, offline, would do with a stack, next to what was synthesized. */
export function planOf(
  stack: StackDocument,
  providers: readonly string[] = [AWS_PROVIDER],
): {
  readonly planned: readonly string[];
  readonly synthesized: readonly string[];
  readonly actions: readonly string[];
  readonly changes: readonly PlannedChange[];
} {
  const changes = plan(terraformDir(awsFiles(stack, awsOverride()), providers));
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
  providers: readonly string[] = [AWS_PROVIDER],
): readonly PlannedChange[] {
  return plan(terraformDir({ "main.tf": renderHcl(stack), "steppe_override.tf.json": awsOverride() }, providers));
}
