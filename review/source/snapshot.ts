import type { Fleet } from "../../model/types";
import type { Json } from "../json";

/** One synthesized stack. */
export interface StackDocument {
  readonly name: string;
  /** Its `cdk.tf.json`. */
  readonly document: Json;
  /** Names of the stacks that are applied before it. */
  readonly dependencies: readonly string[];
}

/** What one commit synthesizes. */
export interface Snapshot {
  /** What the fleet is, as data. Absent from programs that do not write it. */
  readonly fleet?: Fleet;
  readonly stacks: readonly StackDocument[];
}

/** A stack before and after a change; one of them is absent where it comes or goes. */
export interface StackPair {
  readonly name: string;
  readonly before?: StackDocument;
  readonly after?: StackDocument;
}

/** The stacks of two snapshots by name: those of the later one in its order, then those that are gone. */
export function stackPairs(before: Snapshot | undefined, after: Snapshot | undefined): readonly StackPair[] {
  const was = new Map((before?.stacks ?? []).map((stack) => [stack.name, stack]));
  const is = new Map((after?.stacks ?? []).map((stack) => [stack.name, stack]));
  return [...new Set([...is.keys(), ...was.keys()])].map((name) => {
    const [old, now] = [was.get(name), is.get(name)];
    return { name, ...(old !== undefined && { before: old }), ...(now !== undefined && { after: now }) };
  });
}
