import type { Job } from "../../../constructs/jobspec/job";
import { batch, each, small } from "./build";

export const policyJobs: readonly Job[] = [
  small("update-all", {
    job: {
      update: {
        maxParallel: 2,
        healthCheck: "checks",
        minHealthyTime: "15s",
        healthyDeadline: "3m",
        progressDeadline: "10m",
        autoRevert: true,
        autoPromote: true,
        canary: 1,
        stagger: "45s",
      },
    },
    group: { count: 3 },
  }),
  ...each("update-health", ["checks", "task_states", "manual"], (healthCheck) => ({
    group: { update: { healthCheck, autoRevert: false } },
  })),
  small("update-at-once", { group: { update: { maxParallel: 0 } } }),
  small("update-first-failure-ends", { group: { update: { progressDeadline: "0s", healthyDeadline: "20m" } } }),
  small("update-canary-zero", { group: { update: { canary: 0, autoPromote: false } } }),
  small("update-job-and-group", {
    job: { update: { maxParallel: 1, canary: 1, autoPromote: true } },
    group: { update: { maxParallel: 3, minHealthyTime: "1m" } },
  }),
  small("update-odd-times", {
    group: { update: { minHealthyTime: "1m30.5s", healthyDeadline: "1h15m", progressDeadline: "90m", stagger: "1ms" } },
  }),
  small("system-canary", { job: { type: "system", update: { maxParallel: 2, canary: 25, stagger: "10s" } } }),
  small("migrate-job", {
    job: { migrate: { maxParallel: 2, healthCheck: "checks", minHealthyTime: "5s", healthyDeadline: "2m" } },
    group: { count: 3 },
  }),
  small("migrate-group", { group: { migrate: { maxParallel: 1, healthCheck: "task_states" } } }),
  ...each("restart-mode", ["fail", "delay"], (mode) => ({
    group: { restart: { attempts: 3, interval: "10m", delay: "25s", mode } },
  })),
  small("restart-never", { group: { restart: { attempts: 0, mode: "fail" } } }),
  small("restart-render", {
    group: { restart: { renderTemplates: true } },
    task: { restart: { renderTemplates: false } },
  }),
  small("restart-task", {
    group: { restart: { attempts: 1, delay: "5s" } },
    task: { restart: { attempts: 5, interval: "1h", delay: "1m", mode: "delay" } },
  }),
  small("restart-zero-delay", { task: { restart: { attempts: 2, interval: "5s", delay: "0s" } } }),
  ...each("reschedule", ["constant", "exponential", "fibonacci"], (delayFunction) => ({
    group: { reschedule: { delay: "30s", delayFunction, maxDelay: "10m", unlimited: true } },
  })),
  small("reschedule-limited", {
    job: {
      reschedule: { attempts: 3, interval: "1h", delay: "10s", delayFunction: "constant", unlimited: false },
    },
  }),
  small("reschedule-never", { group: { reschedule: { attempts: 0, unlimited: false } } }),
  batch("reschedule-batch", {
    group: {
      reschedule: {
        attempts: 2,
        interval: "12h",
        delay: "5s",
        delayFunction: "fibonacci",
        maxDelay: "1h",
        unlimited: false,
      },
    },
  }),
  ...each("reconcile", ["best_score", "keep_original", "keep_replacement", "longest_running"], (reconcile) => ({
    group: { disconnect: { lostAfter: "6h", reconcile } },
  })),
  small("disconnect-no-replace", { group: { disconnect: { lostAfter: "1h", replace: false } } }),
  small("disconnect-stop", { group: { disconnect: { stopOnClientAfter: "5m", replace: true } } }),
  small("disconnect-stop-at-once", { group: { disconnect: { stopOnClientAfter: "0s" } } }),
  batch("disconnect-batch", { group: { disconnect: { stopOnClientAfter: "1m30s" } } }),
];
