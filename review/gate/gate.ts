import type { Problem } from "../../constructs/core/problems";
import type { Snapshot } from "../source/snapshot";
import { contentProblems } from "./contents";
import { layoutProblems } from "./layout";
import { configurationProblems, providerProblems } from "./providers";
import { terraformProblems } from "./terraform-block";
import type { Allowed, Synthesized } from "./types";

/**
 * Everything in a change that must not come near a credential. A plan runs providers, reads data sources and evaluates expressions
 * before anybody has looked at it.
 *
 * @param base - what the base synthesizes; it is trusted.
 * @param head - what the change synthesizes; anybody may have written it.
 */
export function gateProblems(base: Snapshot, head: Synthesized, allowed: Allowed): readonly Problem[] {
  return [
    ...layoutProblems(head),
    ...terraformProblems(base.stacks, head.stacks),
    ...providerProblems(base.stacks, head.stacks, allowed),
    ...configurationProblems(base.stacks, head.stacks, allowed),
    ...contentProblems(base.stacks, head.stacks, allowed),
  ];
}
