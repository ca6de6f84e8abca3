import type { Job } from "../../../constructs/jobspec/job";
import type { Reschedule } from "../../../constructs/jobspec/policies";
import { job, wrong } from "./job";

const limited = (changes: Reschedule) =>
  job({}, { reschedule: { unlimited: false, attempts: 3, interval: "1h", delay: "30s", maxDelay: "1h", ...changes } });

/** Jobs that break a rule about updates, restarts and the like. */
export const policies: Readonly<Record<string, Job>> = {
  "a health time above its deadline": job({ update: { minHealthyTime: "6m", healthyDeadline: "5m" } }),
  "a healthy deadline above the progress deadline": job({
    update: { healthyDeadline: "11m", progressDeadline: "10m" },
  }),
  "a group's healthy deadline above the job's progress deadline": job(
    { update: { healthyDeadline: "1m", progressDeadline: "3m" } },
    { update: { healthyDeadline: "4m" } },
  ),
  "a healthy deadline of 0": job({ update: { healthyDeadline: "0s" } }),
  "a negative progress deadline": job({ update: { progressDeadline: "-1s" } }),
  "an unknown health check": job({ update: wrong({ healthCheck: "luck" }) }),
  "a negative parallelism": job({ update: { maxParallel: -1 } }),
  "negative canaries": job({ update: { canary: -1 } }),
  "a stagger of 0": job({ type: "system", update: { stagger: "0s" } }),
  "a negative stagger": job({ type: "system", update: { stagger: "-1s" } }),
  "a negative health time": job({ update: { minHealthyTime: "-1s" } }),
  "a negative healthy deadline": job({ update: { healthyDeadline: "-1s" } }),
  "a negative health time of migration": job({}, { migrate: { minHealthyTime: "-1s" } }),
  "a negative healthy deadline of migration": job({}, { migrate: { healthyDeadline: "-1s" } }),
  "a negative reschedule delay": job({}, { reschedule: { delay: "-1s" } }),
  "auto-promote without canaries": job({ update: { autoPromote: true, canary: 0 } }),
  "update on a batch job": job({ type: "batch" }, { update: { maxParallel: 1 } }),
  "update of the job on a batch job": job({ type: "batch", update: { maxParallel: 1 } }),
  "a kill timeout above the progress deadline": job(
    { update: { healthyDeadline: "10s", minHealthyTime: "1s", progressDeadline: "20s" } },
    {},
    { killTimeout: "25s" },
  ),
  "migrate on a batch job": job({ type: "batch" }, { migrate: { maxParallel: 1 } }),
  "a migration's health time above its deadline": job({}, { migrate: { minHealthyTime: "6m", healthyDeadline: "5m" } }),
  "a negative parallelism of migration": job({}, { migrate: { maxParallel: -1 } }),
  "an unknown health check of migration": job({}, { migrate: wrong({ healthCheck: "manual" }) }),
  "more restarts than fit the interval": job(
    {},
    { restart: { attempts: 100, delay: "1m", interval: "10m", mode: "fail" } },
  ),
  "a restart interval below 5 seconds": job(
    {},
    { restart: { attempts: 1, delay: "1s", interval: "2s", mode: "fail" } },
  ),
  "an unknown restart mode": job({}, { restart: wrong({ mode: "retry" }) }),
  "restart mode delay without attempts": job({}, { restart: { attempts: 0, mode: "delay" } }),
  "a reschedule block on a system job": job(
    { type: "system" },
    { reschedule: { unlimited: false, attempts: 1, interval: "1h", delay: "5s", delayFunction: "constant" } },
  ),
  "a reschedule block on a sysbatch job": job({ type: "sysbatch" }, { reschedule: { attempts: 1, interval: "1h" } }),
  "attempts of an unlimited reschedule": job({}, { reschedule: { attempts: 3, interval: "1h" } }),
  "a reschedule delay of 1 second": job({}, { reschedule: { delay: "1s" } }),
  "an unknown delay function": job({}, { reschedule: wrong({ delayFunction: "random" }) }),
  "a maximum delay of 1 second": job({}, { reschedule: { maxDelay: "1s" } }),
  "a maximum delay below the delay": job({}, { reschedule: { delay: "2m", maxDelay: "1m" } }),
  "a growing delay of a batch job without a bound": job(
    { type: "batch" },
    { reschedule: { delayFunction: "exponential" } },
  ),
  "attempts without an interval": job({}, { reschedule: { unlimited: false, attempts: 3 } }),
  "too little time for constant delays": limited({ delayFunction: "constant", attempts: 200 }),
  "too little time for exponential delays": limited({ delayFunction: "exponential", attempts: 8 }),
  "too little time for fibonacci delays": limited({ delayFunction: "fibonacci", attempts: 14 }),
  "a job's reschedule that its group spoils": job(
    { reschedule: { delay: "30s" } },
    { reschedule: { maxDelay: "10s" } },
  ),
  "a disconnect with both times": job({}, { disconnect: wrong({ lostAfter: "1h", stopOnClientAfter: "1m" }) }),
  "a negative time to be lost": job({}, { disconnect: { lostAfter: "-1s" } }),
  "a negative time to stop": job({}, { disconnect: { stopOnClientAfter: "-1s" } }),
  "an unknown way to reconcile": job({}, { disconnect: wrong({ reconcile: "toss" }) }),
  "a client that stops a system job": job({ type: "system" }, { disconnect: { stopOnClientAfter: "1m" } }),
};
