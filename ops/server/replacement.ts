import type { Problem } from "../../constructs/core/problems";
import type { RunSettings } from "../terraform/context";
import type { PlannedChanges } from "../terraform/execute";
import type { Stack } from "../terraform/stack";
import type { RaftServer } from "./autopilot";
import type { ServerTarget } from "./target";

export interface ReplaceOptions extends RunSettings {
  /** All stacks of the fleet; a removed one is looked for among them. */
  readonly allStacks: readonly Stack[];
  /** Why it may be done although the region cannot go on without the server. @default - it may not */
  readonly allowOutage?: string;
  /** Makes a new machine even where an earlier replacement only has to be finished. @default false */
  readonly startOver?: boolean;
  /** How long to wait until Autopilot is content again, seconds. @default 300 */
  readonly waitSeconds?: number;
  /** Colours in the plan's text. @default false */
  readonly color?: boolean;
  /** Told what will happen, before {@link approve}. @default - nobody */
  readonly announce?: (intent: Intent) => void;
  /** Asked before anything changes. @default - done without asking */
  readonly approve?: (intent: Intent) => Promise<boolean>;
}

/** What is about to happen to a server. */
export interface Intent {
  readonly target: ServerTarget;
  readonly kind: ReplacementKind;
  readonly changes: PlannedChanges;
  /** The plan as a person reads it. */
  readonly text: string;
  /** Machine image before and after, where there is one. */
  readonly image: { readonly before?: string; readonly after?: string };
  /** As Autopilot knows it now. */
  readonly before?: RaftServer;
  /** What speaks against it and was allowed. */
  readonly outage: readonly Problem[];
}

/**
 * - `replace`: a new machine takes the place of the old one.
 * - `finish`: what an earlier replacement left undone.
 * - `redeliver`: the user's machine, set up anew, takes its bundle again.
 */
export type ReplacementKind = "replace" | "finish" | "redeliver";

/** What became of a server. */
export interface Replacement {
  readonly server: string;
  readonly region: string;
  readonly stack: string;
  readonly kind: ReplacementKind;
  /** Why the region was allowed to be away. @default - it was not */
  readonly outage?: { readonly reason: string; readonly allowed: readonly Problem[] };
  readonly image: Intent["image"];
  readonly changes: PlannedChanges;
  /** As Autopilot knew it. @default - it did not */
  readonly before?: RaftServer;
  readonly after: RaftServer;
  readonly seconds: number;
  /** Path of Terraform's whole output. */
  readonly log: string;
}
