import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
import { example } from "./sc-example";
import { oneByOne } from "./shared";

const { cache } = example.groups;

/**
 * The next version of {@link example}: three of them, on different machines where that can be, replaced one by one.
 *
 * It has the same id on purpose: a plan after `example` shows two new allocations and one updated in place.
 */
export const exampleScaled: Job = {
  ...example,
  update: oneByOne,
  groups: { cache: { ...cache, tasks: cache?.tasks ?? {}, count: 3, spreads: [{ attribute: node.uniqueId }] } },
};
