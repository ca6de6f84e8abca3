import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { ReadinessGate } from "./readiness-gate";

/** What a Nomad-level resource waits for: what it was given, and the stack's readiness gate where there is one. */
export function dependencies(
  scope: Construct,
  given: readonly ITerraformDependable[] | undefined,
): readonly ITerraformDependable[] {
  const gate = ReadinessGate.of(scope);
  if (gate === undefined || given?.includes(gate) === true) return given ?? [];
  return [gate, ...(given ?? [])];
}
