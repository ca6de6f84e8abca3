import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "../helpers/properties";
import type { Job } from "../../constructs/jobspec/job";
import type { Port } from "../../constructs/jobspec/network";
import { parseJob } from "../../constructs/jobspec/parse";
import { renderJob } from "../../constructs/jobspec/render";
import { sortKeys } from "../../constructs/jobspec/json-value";
import type { Task } from "../../constructs/jobspec/task";
import { jobs } from "./jobs";

describe("renderJob", () => {
  test.each(Object.entries(jobs))("keeps the golden file of %s", (name, job) => {
    const path = join(__dirname, "golden", `${name}.json`);
    const text = `${JSON.stringify(renderJob(job), null, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, "utf8"));
  });

  test("gives equal text to equal jobs written in another order", () => {
    const reversed = reverseKeys(jobs.consul) as Job;
    expect(JSON.stringify(renderJob(reversed))).toBe(JSON.stringify(renderJob(jobs.consul)));
  });

  test.each(Object.entries(jobs))("sorts all keys of %s", (_name, job) => {
    const text = JSON.stringify(renderJob(job));
    expect(text).toBe(JSON.stringify(sortKeys(JSON.parse(text) as unknown)));
    expect(text).toBe(JSON.stringify(renderJob(reverseKeys(job, ["groups", "tasks", "ports", "targets"]) as Job)));
  });

  test("sends nothing that was not given", () => {
    const job: Job = { id: "a", groups: { g: { tasks: { t: { driver: "exec", config: { command: "true" } } } } } };
    expect(renderJob(job)).toStrictEqual({
      ID: "a",
      Name: "a",
      TaskGroups: [{ Name: "g", Tasks: [{ Config: { command: "true" }, Driver: "exec", Name: "t" }] }],
      Type: "service",
    });
  });

  test("gives equal text to jobs that say the same, with or without what unset means anyway", () => {
    const plain: Job = { id: "a", groups: { g: { tasks: { t: { driver: "exec", config: { command: "true" } } } } } };
    const wordy: Job = {
      id: "a",
      name: "a",
      type: "service",
      meta: {},
      spreads: [],
      groups: {
        g: {
          services: [],
          tasks: { t: { driver: "exec", config: { command: "true" }, leader: false, shutdownDelay: "0s", env: {} } },
        },
      },
    };
    expect(JSON.stringify(renderJob(wordy))).toBe(JSON.stringify(renderJob(plain)));
  });

  test("keeps an empty block that says something", () => {
    const task: Task = { driver: "exec", config: { command: "true" }, vault: {} };
    const job: Job = { id: "a", type: "batch", parameterized: {}, groups: { g: { tasks: { t: task } } } };
    expect(renderJob(job)).toMatchObject({ ParameterizedJob: {}, TaskGroups: [{ Tasks: [{ Vault: {} }] }] });
    expect(parseJob(renderJob(job))).toEqual({ job, problems: [] });
  });

  test("keeps explicit zeros and false that the API tells from unset", () => {
    const job: Job = {
      id: "a",
      update: { maxParallel: 0, autoRevert: false, progressDeadline: "0s" },
      groups: { g: { count: 0, tasks: { t: { driver: "exec", config: { command: "true" } } } } },
    };
    expect(renderJob(job)).toMatchObject({
      TaskGroups: [{ Count: 0 }],
      Update: { AutoRevert: false, MaxParallel: 0, ProgressDeadline: 0 },
    });
  });

  test("loses no port and no setting of one, whatever the mix", () => {
    const port: fc.Arbitrary<Port> = fc.record(
      {
        static: fc.integer({ min: 0, max: 65_535 }),
        to: fc.integer({ min: -1, max: 65_535 }),
        hostNetwork: fc.string(),
      },
      { requiredKeys: [] },
    );
    const ports = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), port);
    fc.assert(
      fc.property(ports, (given) => {
        const job: Job = {
          id: "a",
          groups: { g: { network: { ports: given }, tasks: { t: { driver: "exec", config: { command: "true" } } } } },
        };
        const [network] = (renderJob(job).TaskGroups[0]?.["Networks"] ?? []) as Record<
          string,
          Record<string, unknown>[]
        >[];
        const reserved = network?.["ReservedPorts"] ?? [];
        const dynamic = network?.["DynamicPorts"] ?? [];
        const back = Object.fromEntries(
          [...reserved, ...dynamic].map(({ Label, Value, To, HostNetwork }) => [
            Label,
            { static: Value ?? 0, to: To ?? 0, hostNetwork: HostNetwork ?? "" },
          ]),
        );
        const whole = ({ static: number = 0, to = 0, hostNetwork = "" }: Port) => ({ static: number, to, hostNetwork });
        expect(back).toEqual(Object.fromEntries(Object.entries(given).map(([label, one]) => [label, whole(one)])));
        expect(reserved.length + dynamic.length).toBe(Object.keys(given).length);
        expect(reserved.every(({ Value }) => Value !== 0)).toBe(true);
      }),
    );
  });

  test("sorts the keys of any value and changes nothing else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const sorted = sortKeys(value);
        expect(sorted).toEqual(value);
        expect(JSON.stringify(sorted)).toBe(JSON.stringify(sortKeys(reverseKeys(value))));
      }),
    );
  });
});

/** Turns the order of all keys around, but of those that become lists. */
function reverseKeys(value: unknown, keep: readonly string[] = [], isKept = false): unknown {
  if (Array.isArray(value)) return value.map((child) => reverseKeys(child, keep));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    (isKept ? entries : entries.reverse()).map(([key, child]) => [key, reverseKeys(child, keep, keep.includes(key))]),
  );
}
