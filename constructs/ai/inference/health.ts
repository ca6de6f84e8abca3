import type { HttpCheck } from "../../jobspec/check";
import { minutes } from "../../jobspec/duration";
import type { Reschedule, Restart, Update } from "../../jobspec/policies";

/**
 * Tells loading from dead: failures count only once a replica had its time to load. A check restarts a replica that stopped
 * answering; one that is busy has three intervals to say so.
 */
export function healthCheck(path: string, loadMinutes: number): HttpCheck {
  return {
    type: "http",
    path,
    interval: "10s",
    timeout: "5s",
    checkRestart: { limit: 3, grace: minutes(loadMinutes) },
  };
}

/** How a changed service is brought out. What does not become healthy in its time goes, and what ran before stays. */
export function rollout(kind: "canary" | "rolling", loadMinutes: number): Update {
  return {
    maxParallel: 1,
    minHealthyTime: "15s",
    healthyDeadline: minutes(loadMinutes),
    // Time for one more start, after a replica that failed early.
    progressDeadline: minutes(Math.ceil(loadMinutes * 1.5)),
    autoRevert: true,
    ...(kind === "canary" ? { canary: 1, autoPromote: true } : {}),
  };
}

/** A replica that fails twice where it is may be better off on another machine: a GPU can be broken. */
export function restarts(loadMinutes: number): { readonly restart: Restart; readonly reschedule: Reschedule } {
  return {
    restart: { attempts: 2, delay: "15s", interval: minutes(2 * loadMinutes + 10), mode: "fail" },
    reschedule: { delay: "15s", delayFunction: "exponential", maxDelay: "10m", unlimited: true },
  };
}
