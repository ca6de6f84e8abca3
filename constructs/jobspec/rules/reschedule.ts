import { formatDuration } from "../duration";
import type { JobType } from "../job";
import type { Reschedule } from "../policies";
import type { Merged } from "./policies";
import { hour, second } from "./policies";
import { isKnownNumber, type Report } from "./report";

/** A reschedule block with what Nomad fills in; times in nanoseconds. */
interface Whole {
  readonly attempts: number;
  readonly interval: number;
  readonly delay: number;
  readonly delayFunction: string;
  readonly maxDelay: number;
  readonly unlimited: boolean;
}

const defaults: Readonly<Record<"service" | "batch", Whole>> = {
  service: {
    attempts: 0,
    interval: 0,
    delay: 30 * second,
    delayFunction: "exponential",
    maxDelay: hour,
    unlimited: true,
  },
  batch: {
    attempts: 1,
    interval: 24 * hour,
    delay: 5 * second,
    delayFunction: "constant",
    maxDelay: 0,
    unlimited: false,
  },
};

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/reschedule */
export function rescheduleRules(report: Report, reschedule: Merged<Reschedule>, type: JobType): void {
  const { value, at } = reschedule;
  if (type === "system" || type === "sysbatch") {
    report.error(
      at(),
      `must not be set on a ${type} job`,
      undefined,
      "remove reschedule: such a job runs on every node",
    );
    return;
  }
  const otherwise = defaults[type];
  report.sensibleNumber(at("attempts"), value.attempts, 0);
  const whole: Whole = {
    attempts: value.attempts ?? otherwise.attempts,
    interval: report.sensibleDuration(at("interval"), value.interval) ?? otherwise.interval,
    delay: report.duration(at("delay"), value.delay) ?? otherwise.delay,
    delayFunction: value.delayFunction ?? otherwise.delayFunction,
    maxDelay: report.sensibleDuration(at("maxDelay"), value.maxDelay) ?? otherwise.maxDelay,
    unlimited: value.unlimited ?? otherwise.unlimited,
  };
  if (!isKnownNumber(whole.attempts) || (whole.attempts <= 0 && !whole.unlimited)) return;
  if (whole.attempts > 0 && whole.unlimited) {
    const fix = value.unlimited === undefined ? "add unlimited: false" : "remove one of them";
    report.error(at("attempts"), "must not be above 0 while unlimited is true", whole.attempts, fix);
    return;
  }
  if (delaysAreSound(report, reschedule, whole) && !whole.unlimited) attemptsFit(report, reschedule, whole);
}

function delaysAreSound(report: Report, { value, at }: Merged<Reschedule>, whole: Whole): boolean {
  const before = report.problems.length;
  report.oneOf(at("delayFunction"), value.delayFunction, ["constant", "exponential", "fibonacci"]);
  if (whole.delay < 5 * second) report.error(at("delay"), "must be at least 5s", formatDuration(whole.delay));
  if (whole.delayFunction !== "constant") {
    if (whole.maxDelay < 5 * second) {
      report.error(
        at("maxDelay"),
        `must be at least 5s with delayFunction ${whole.delayFunction}`,
        formatDuration(whole.maxDelay),
        'add maxDelay, for example "1h"',
      );
    } else if (whole.maxDelay < whole.delay) {
      report.error(
        at("maxDelay"),
        `must be at least delay (${formatDuration(whole.delay)})`,
        formatDuration(whole.maxDelay),
        "raise maxDelay",
      );
    }
  }
  if (!whole.unlimited && whole.interval < 15 * second) {
    report.error(
      at("interval"),
      "must be at least 15s with attempts",
      formatDuration(whole.interval),
      'add interval, for example "1h"',
    );
  }
  return report.problems.length === before;
}

/** Nomad refuses attempts that the delays leave no time for. */
function attemptsFit(report: Report, { at }: Merged<Reschedule>, whole: Whole): void {
  const { possible, needed } = timetable(whole);
  if (possible) return;
  report.error(
    at("interval"),
    `must leave time for ${whole.attempts} attempts: at least ${formatDuration(needed)}`,
    formatDuration(whole.interval),
    "raise interval, or lower attempts or delay",
  );
}

/** How long attempts take, as Nomad counts: the last delay, plus a maxDelay for each that has reached it. */
function timetable({ attempts, interval, delay, delayFunction, maxDelay }: Whole) {
  const steps = Math.min(attempts, 10_000);
  if (delayFunction === "constant") return { possible: interval >= attempts * delay, needed: attempts * delay };
  if (delayFunction === "exponential") {
    let needed = 0;
    let possible = 0;
    for (let step = 0; step < steps; step++) {
      const next = 2 ** step * delay;
      needed = next > maxDelay ? needed + maxDelay : next;
      if (needed < interval) possible++;
    }
    return { possible: possible >= steps, needed: needed + second };
  }
  let [previous, last] = [delay, delay];
  let isAtCeiling = false;
  for (let step = 2; step < steps; step++) {
    let next: number = isAtCeiling ? last + maxDelay : last + previous;
    if (!isAtCeiling && next > maxDelay) [next, isAtCeiling] = [maxDelay, true];
    [previous, last] = [last, next];
  }
  return { possible: interval >= last, needed: last };
}
