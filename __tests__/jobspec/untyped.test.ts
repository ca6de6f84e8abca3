import fc from "../helpers/properties";
import { formatProblem, isError } from "../../constructs/core/problems";
import type { Job } from "../../constructs/jobspec/job";
import { checkJob, validateJob } from "../../constructs/jobspec/validate";
import { smallFleet } from "../helpers/fleet";
import { corpus } from "./corpus";
import { jobs } from "./jobs";
import { refused } from "./refused";
import { linted } from "./rules/linted";

const all: readonly Job[] = [
  ...corpus,
  ...Object.values(jobs),
  ...Object.values(refused),
  ...Object.values(linted).map((one) => one.job),
];
const fleet = smallFleet();
const texts = (job: unknown) =>
  validateJob(job as Job)
    .filter(isError)
    .map(formatProblem);

/** Places of everything in a value, the value itself aside. */
function places(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

/** A copy with something else at a place, or nothing. */
function changed(job: Job, path: readonly string[], by: unknown): Job {
  const copy = structuredClone(job);
  const last = path.at(-1) ?? "id";
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
  if (by === undefined) Reflect.deleteProperty(holder as object, last);
  else (holder as Record<string, unknown>)[last] = by;
  return copy;
}

const values = [
  undefined,
  null,
  0,
  -1.5,
  NaN,
  "",
  "text",
  "${",
  true,
  [],
  [null],
  ["a"],
  [[]],
  {},
  { a: null },
  { a: {} },
];
const spoilt = fc
  .tuple(
    fc.constantFrom(...all),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...values)), { minLength: 1, maxLength: 2 }),
  )
  .map(([job, changes]) =>
    changes.reduce((given, [where, by]) => {
      const found = places(given);
      return changed(given, found[where % found.length] ?? ["id"], by);
    }, job),
  );

describe("jobs that no compiler has seen", () => {
  test("never make the rules throw, whatever is gone or in its place", () => {
    const checked = fc.property(spoilt, (job) => {
      validateJob(job);
      checkJob(job, { fleet });
    });
    const seed = Number(process.env["STEPPE_JOBS_SEED"] ?? 2026);
    expect(() => fc.assert(checked, { numRuns: 4000, seed })).not.toThrow();
  });

  test.each([null, undefined, 7, "job", []])("are no jobs: %p", (job) => {
    expect(texts(job)).toEqual([expect.stringMatching(/must be an object/)]);
  });

  test("are told what is wrong, and where", () => {
    const web = { driver: "docker", config: { image: "a:1.2" }, env: { A: 1 }, killTimeout: 30, leader: "yes" };
    const group = { count: "3", tasks: { web, other: null, bare: {} }, services: {} };
    expect(texts({ groups: { web: group, none: {} }, datacenters: "east" })).toEqual([
      "id: must be set",
      'groups.web.count: must be a number, got "3"',
      "groups.web.tasks.web.env.A: must be a text, got 1",
      "groups.web.tasks.web.killTimeout: must be a text, got 30",
      'groups.web.tasks.web.leader: must be true or false, got "yes"',
      "groups.web.tasks.other: must be an object, got null",
      "groups.web.tasks.bare.driver: must be set",
      "groups.web.tasks.bare.config: must be set",
      "groups.web.services: must be a list, got {}",
      "groups.none.tasks: must be set",
      'datacenters: must be a list, got "east"',
    ]);
  });
});
