import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Task } from "../../../constructs/jobspec/task";
import { examineJobs } from "../../../review/findings/jobs";
import { smallFleet } from "../../helpers/fleet";
import { changeOf, idsOf, saidOf } from "./subjects";

const task: Task = {
  driver: "docker",
  config: { image: "example.com/web:1" },
  env: { MODE: "a", LEVEL: "info" },
  resources: { cpu: "100MHz", memory: "300MiB" },
};
const check = { type: "tcp", interval: "10s", timeout: "2s" } as const;
const group: Group = {
  count: 3,
  network: { ports: { http: {} } },
  services: [{ name: "web", port: "http", provider: "nomad", checks: [check] }],
  tasks: { web: task },
};
/** A job that does not say how it is updated. */
const unsaid: Job = { id: "web", nodePool: "gpu", groups: { web: group } };
const web: Job = { ...unsaid, update: { maxParallel: 1 } };

const withGroup = (change: Partial<Group>, job = web): Job => ({
  ...job,
  groups: { web: { ...job.groups["web"]!, ...change } },
});
const withTask = (change: object, job = web): Job =>
  withGroup({ tasks: { web: { ...job.groups["web"]!.tasks["web"]!, ...change } } }, job);
const said = (before: Job | undefined, after: Job | undefined) =>
  saidOf(examineJobs, { jobs: before ? [before] : [] }, { jobs: after ? [after] : [] });
const ids = (before: Job, after: Job) => idsOf(examineJobs, { jobs: [before] }, { jobs: [after] });

test("says nothing of a job that is the same", () => {
  expect(said(web, { ...web, type: "service", priority: 50 })).toEqual([]);
});

test("tells a new job and one that goes", () => {
  expect(said(undefined, web)).toEqual([
    "notice jobs/created: nomad_job.web is a new job: web in namespace default, web × 3",
  ]);
  expect(said(web, undefined)).toEqual(["warning jobs/removed: nomad_job.web removes job web and stops group web"]);
});

test("takes a job under another id, or in another namespace, for another job", () => {
  const resources = (job: Job) => ({ nomad_job: { Web: changeOf({ jobs: [job] }, {}).changes[0]!.before! } });
  const other = { ...web, id: "web2" };
  expect(saidOf(examineJobs, { resources: resources(web) }, { resources: resources(other) })).toEqual([
    "warning jobs/removed: nomad_job.Web removes job web in namespace default and registers web2 in namespace default: to Nomad it is another job",
  ]);
});

describe("a destructive change", () => {
  const change = { config: { image: "example.com/web:2" }, env: { MODE: "b", NEW: "x", LEVEL: "info" } };

  test("is a notice where allocations follow each other, with what changes and never with values of variables", () => {
    expect(said(web, withTask(change))).toEqual([
      "notice jobs/destructive: nomad_job.web (job web) stops and starts all 3 allocations, 1 at a time, in group web (image of task web and env MODE, NEW of task web)",
      "notice jobs/image-changed: nomad_job.web (job web) runs another image: example.com/web:1 → example.com/web:2 of task web",
    ]);
  });

  test("is a warning where nothing runs meanwhile or nobody says how", () => {
    const one = withGroup({ count: 1 });
    const batch: Job = { ...unsaid, type: "batch" };
    const system: Job = { ...web, type: "system", groups: { web: { tasks: { web: task } } } };
    expect(ids(one, withTask(change, one))[0]).toBe("warning jobs/destructive nomad_job.web");
    expect(ids(unsaid, withTask(change, unsaid))[0]).toBe("warning jobs/destructive nomad_job.web");
    expect(ids(batch, withTask(change, batch))[0]).toBe("warning jobs/destructive nomad_job.web");
    expect(ids(system, withTask(change, system))[0]).toBe("warning jobs/destructive nomad_job.web");
  });

  test("is one finding for all groups of the job", () => {
    const two: Job = { ...web, groups: { web: group, side: { ...group, services: [] } } };
    const both = (memory: "300MiB" | "600MiB"): Job => ({
      ...two,
      groups: Object.fromEntries(
        Object.entries(two.groups).map(([name, one]) => [
          name,
          { ...one, tasks: { [name]: { ...task, resources: { cpu: "100MHz", memory } } } },
        ]),
      ),
    });
    expect(said(both("300MiB"), both("600MiB"))).toEqual([
      "notice jobs/destructive: nomad_job.web (job web) stops and starts all 3 allocations, 1 at a time, in group web; stops and starts all 3 allocations, 1 at a time, in group side (memory 300 → 600 MiB of task web and memory 300 → 600 MiB of task side)",
    ]);
  });

  test("begins with canaries where the job says so", () => {
    const canaries: Job = { ...web, update: { maxParallel: 1, canary: 1 } };
    expect(ids(canaries, withTask({ env: {} }, canaries))).toEqual(["notice jobs/canary nomad_job.web"]);
  });

  test("of a periodic job is one of its next runs", () => {
    const nightly: Job = { ...unsaid, type: "batch", periodic: { crons: ["0 3 * * *"] } };
    expect(ids(nightly, withTask({ env: {} }, nightly))).toEqual(["notice jobs/in-place nomad_job.web"]);
  });
});

test("tells counts, and warns where a group stops or goes", () => {
  expect(said(web, withGroup({ count: 4 }))).toEqual([
    "notice jobs/in-place: nomad_job.web (job web) scales web 3 → 4; what runs goes on (count 3 → 4)",
  ]);
  expect(said(web, withGroup({ count: 0 }))[0]).toContain(
    "warning jobs/removed: nomad_job.web (job web) stops group web",
  );
  const two: Job = { ...web, groups: { ...web.groups, side: { tasks: { side: task } } } };
  expect(said(two, web)[0]).toContain("warning jobs/removed: nomad_job.web (job web) loses group side");
});

test("blocks what Nomad refuses of a job that is there", () => {
  const batch: Job = { ...unsaid, type: "batch" };
  expect(ids(web, batch)).toEqual(["blocking jobs/refused nomad_job.web"]);
  expect(ids(batch, { ...batch, periodic: { crons: ["0 3 * * *"] } })).toEqual(["blocking jobs/refused nomad_job.web"]);
});

test("warns of the last check that goes, and not of another one", () => {
  const service = group.services![0]!;
  const without = withGroup({ services: [{ ...service, checks: [] }] });
  const other = withGroup({ services: [{ ...service, checks: [{ ...check, interval: "20s" }] }] });
  expect(ids(web, without)).toContain("warning jobs/no-check nomad_job.web");
  expect(ids(web, other)).toEqual(["notice jobs/in-place nomad_job.web"]);
});

describe("a job that moves", () => {
  const fleet = smallFleet();
  fleet.pools["spare"] = structuredClone(fleet.pools["gpu"]!);
  const moved = { ...web, nodePool: "spare" };

  test("is told with its pools, and not as a replacement too", () => {
    expect(saidOf(examineJobs, { fleet, jobs: [web] }, { fleet, jobs: [moved] })).toEqual([
      "warning jobs/moved: nomad_job.web (job web) runs in pool spare from then on, not in pool gpu",
    ]);
  });

  test("may change in other ways as well", () => {
    const changed = withTask({ env: {} }, moved);
    expect(idsOf(examineJobs, { fleet, jobs: [web] }, { fleet, jobs: [changed] })).toEqual([
      "notice jobs/destructive nomad_job.web",
      "warning jobs/moved nomad_job.web",
    ]);
  });

  test("does not move when its constraints still leave the same pool", () => {
    const constrained: Job = { ...web, constraints: [{ attribute: "${attr.kernel.name}", value: "linux" }] };
    expect(idsOf(examineJobs, { fleet, jobs: [web] }, { fleet, jobs: [constrained] })).toEqual([
      "notice jobs/in-place nomad_job.web",
    ]);
  });
});

test("takes jobs of any shape", () => {
  const odd = (job: object) => ({ nomad_job: { odd: { json: true, jobspec: JSON.stringify(job) } } });
  const before = { ID: "odd", TaskGroups: [{ Name: 1, Tasks: "x", Count: {}, Services: [null] }, { Tasks: [null] }] };
  const after = { ID: "odd", TaskGroups: [{ Tasks: [{ Config: [], Resources: 1, Env: 3 }], Networks: 7 }] };
  const none = { ID: "odd", TaskGroups: [null, 3] };
  const fleet = smallFleet();
  const review = (from: object, to: object) =>
    idsOf(examineJobs, { fleet, resources: odd(from) }, { fleet, resources: odd(to) });
  expect(review(before, after)).toEqual(["warning jobs/removed nomad_job.odd"]);
  expect(review(before, none)).toEqual(["warning jobs/removed nomad_job.odd"]);
});

test("tells of a group that shrinks to half, or to one", () => {
  const scaled = (from: number, to: number) => ids(withGroup({ count: from }), withGroup({ count: to }));
  expect(scaled(3, 1)).toEqual(["warning jobs/scaled-down nomad_job.web"]);
  expect(scaled(8, 4)).toEqual(["warning jobs/scaled-down nomad_job.web"]);
  expect(scaled(8, 5)).toEqual(["notice jobs/in-place nomad_job.web"]);
  expect(scaled(1, 3)).toEqual(["notice jobs/in-place nomad_job.web"]);
});
