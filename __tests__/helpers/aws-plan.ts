import { AWS_PROVIDER, awsFiles, awsOverride } from "./aws-provider";
import type { StackDocument } from "./synth";
import { plan, terraformDir } from "./terraform";

/** What the real providers, offline, would do with a stack, next to what was synthesized. */
export function planOf(
  stack: StackDocument,
  providers: readonly string[] = [AWS_PROVIDER],
): {
  readonly planned: readonly string[];
  readonly synthesized: readonly string[];
  readonly actions: readonly string[];
} {
  const changes = plan(terraformDir(awsFiles(stack, awsOverride()), providers));
  return {
    planned: changes.map(({ address }) => address).sort(),
    synthesized: Object.entries(stack.resource ?? {})
      .flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`))
      .sort(),
    actions: [...new Set(changes.flatMap(({ actions }) => actions))],
  };
}
