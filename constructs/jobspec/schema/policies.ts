import type { Disconnect, Migrate, Reschedule, Restart, Update } from "../policies";
import { durationPointer, pointer } from "./codecs";
import { schema } from "./field";

export const update = schema<Update>("Update", {
  maxParallel: pointer("MaxParallel"),
  healthCheck: pointer("HealthCheck"),
  minHealthyTime: durationPointer("MinHealthyTime"),
  healthyDeadline: durationPointer("HealthyDeadline"),
  progressDeadline: durationPointer("ProgressDeadline"),
  autoRevert: pointer("AutoRevert"),
  autoPromote: pointer("AutoPromote"),
  canary: pointer("Canary"),
  stagger: durationPointer("Stagger"),
});

export const migrate = schema<Migrate>("Migrate", {
  maxParallel: pointer("MaxParallel"),
  healthCheck: pointer("HealthCheck"),
  minHealthyTime: durationPointer("MinHealthyTime"),
  healthyDeadline: durationPointer("HealthyDeadline"),
});

export const restart = schema<Restart>("Restart", {
  attempts: pointer("Attempts"),
  interval: durationPointer("Interval"),
  delay: durationPointer("Delay"),
  mode: pointer("Mode"),
  renderTemplates: pointer("RenderTemplates", { since: "1.6.0" }),
});

export const reschedule = schema<Reschedule>("Reschedule", {
  attempts: pointer("Attempts"),
  interval: durationPointer("Interval"),
  delay: durationPointer("Delay"),
  delayFunction: pointer("DelayFunction"),
  maxDelay: durationPointer("MaxDelay"),
  unlimited: pointer("Unlimited"),
});

export const disconnect = schema<Disconnect>("Disconnect", {
  lostAfter: durationPointer("LostAfter"),
  stopOnClientAfter: durationPointer("StopOnClientAfter"),
  replace: pointer("Replace"),
  reconcile: pointer("Reconcile"),
});
