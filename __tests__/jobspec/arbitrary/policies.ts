import * as fc from "fast-check";
import type { JobType } from "../../../constructs/jobspec/job";
import type { Disconnect, Migrate, Reschedule, Restart, Update } from "../../../constructs/jobspec/policies";
import { duration, one, some, yesNo } from "./values";

export const update: fc.Arbitrary<Update> = some<Update>({
  maxParallel: fc.nat(5),
  healthCheck: one("checks", "task_states", "manual"),
  minHealthyTime: duration(0, 100),
  healthyDeadline: duration(301, 599),
  progressDeadline: fc.oneof(fc.constant("0s" as const), duration(600, 2000)),
  autoRevert: yesNo,
  autoPromote: fc.constant(false),
  canary: fc.nat(3),
  stagger: duration(1, 100),
});

export const migrate: fc.Arbitrary<Migrate> = some<Migrate>({
  maxParallel: fc.nat(5),
  healthCheck: one("checks", "task_states"),
  minHealthyTime: duration(0, 100),
  healthyDeadline: duration(101, 2000),
});

export const restart: fc.Arbitrary<Restart> = some<Restart>({
  attempts: fc.integer({ min: 1, max: 5 }),
  interval: duration(600, 90_000),
  delay: duration(0, 100),
  mode: one("fail", "delay"),
  renderTemplates: yesNo,
});

export function reschedule(type: JobType): fc.Arbitrary<Reschedule | undefined> {
  if (type === "system" || type === "sysbatch") return fc.constant(undefined);
  const unlimited = some<Reschedule>(
    {
      attempts: fc.constant(0),
      interval: fc.constant("0s" as const),
      delay: duration(5, 100),
      delayFunction: one("constant", "exponential", "fibonacci"),
      maxDelay: duration(3600, 9000),
      unlimited: fc.constant(true),
    },
    "unlimited",
    "delay",
    "delayFunction",
    "maxDelay",
    "attempts",
  );
  const limited = fc.record({
    attempts: fc.integer({ min: 1, max: 4 }),
    interval: duration(90_000, 99_000),
    delay: duration(5, 100),
    delayFunction: fc.constant("constant" as const),
    unlimited: fc.constant(false),
  });
  return fc.oneof<fc.Arbitrary<Reschedule>[]>(unlimited, limited);
}

export function disconnect(type: JobType): fc.Arbitrary<Disconnect> {
  const rest = some<Pick<Disconnect, "replace" | "reconcile">>({
    replace: yesNo,
    reconcile: one("best_score", "keep_original", "keep_replacement", "longest_running"),
  });
  const times = fc.oneof(
    fc.record({ lostAfter: duration(0, 9000) }),
    type === "service" || type === "batch" ? fc.record({ stopOnClientAfter: duration(0, 9000) }) : fc.constant({}),
  );
  return fc.tuple(rest, times).map(([some_, time]) => ({ ...some_, ...time }));
}
