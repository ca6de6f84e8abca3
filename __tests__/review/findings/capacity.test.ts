import type { Job } from "../../../constructs/jobspec/job";
import { examineCapacity } from "../../../review/findings/capacity";
import type { Fleet, OnPremSite, Pool } from "../../../model/types";
import { awsFleet, type Mutable, smallFleet } from "../../helpers/fleet";
import { changeOf, saidOf } from "./subjects";

const change = (edit: (fleet: Mutable<Fleet>) => void, of = smallFleet): Fleet => {
  const fleet = of();
  edit(fleet);
  return fleet;
};
const pool = (fleet: Mutable<Fleet>, name: string) => fleet.pools[name] as Mutable<Pool>;
const said = (before: Fleet, after: Fleet, jobs: readonly Job[] = [], later = jobs) =>
  saidOf(examineCapacity, { fleet: before, jobs }, { fleet: after, jobs: later });

const llm = (id: string, gpus: number, more: Partial<Job> = {}): Job => ({
  id,
  nodePool: "gpu",
  ...more,
  groups: {
    llm: {
      tasks: {
        llm: {
          driver: "docker",
          config: { image: "example.com/llm:1" },
          resources: { cpu: "100MHz", memory: "1GiB", devices: [{ name: "nvidia/gpu", count: gpus }] },
        },
      },
    },
  },
});

describe("pools", () => {
  test("say what they have less of, and how many machines", () => {
    const after = change((fleet) => (pool(fleet, "h100").count = 1), awsFleet);
    expect(said(awsFleet(), after)).toEqual([
      "warning capacity/reduced: pools.h100 has less for jobs: 16 → 8 GPUs NVIDIA H100 80GB HBM3, 800000 → 400000 MHz and 4000000 → 2000000 MiB memory, by 2 → 1 machine",
    ]);
    expect(said(after, awsFleet())).toEqual([
      "notice capacity/grown: pools.h100 has more for jobs: 8 → 16 GPUs NVIDIA H100 80GB HBM3, 400000 → 800000 MHz and 2000000 → 4000000 MiB memory, by 1 → 2 machines",
    ]);
  });

  test("count no retired machine", () => {
    const two = change((fleet) => {
      const site = fleet.sites["north"] as Mutable<OnPremSite>;
      site.hosts["n-gpu-2"] = { ...site.hosts["n-gpu"]!, address: "10.1.0.22" };
      pool(fleet, "gpu").hosts = ["n-gpu", "n-gpu-2"];
    });
    const after = structuredClone(two) as Mutable<Fleet>;
    (after.sites["north"] as Mutable<OnPremSite>).hosts["n-gpu-2"]!.retired = { reason: "old" };
    expect(said(two, after)[0]).toContain("warning capacity/reduced: pools.gpu has less for jobs: 16 → 8 GPUs");
  });

  test("cut into slices have no whole GPUs any more", () => {
    const after = change((fleet) => {
      pool(fleet, "gpu").hardware.gpu!.mig = { profile: "1g.10gb", count: 7 };
    });
    expect(said(smallFleet(), after)).toEqual([
      "warning capacity/reduced: pools.gpu has less for jobs: 8 → 0 GPUs NVIDIA H100 80GB HBM3 and 0 → 56 GPUs NVIDIA H100 80GB HBM3 MIG 1g.10gb",
    ]);
  });

  test("come and go", () => {
    const more = change((fleet) => (fleet.pools["spare"] = structuredClone(fleet.pools["gpu"]!)));
    expect(said(smallFleet(), more)[0]).toContain("notice capacity/grown: pools.spare is new: 1 machine, 8 GPUs");
    expect(said(more, smallFleet())[0]).toContain("warning capacity/pool-removed: pools.spare goes, with 1 machine");
    const retired = change((fleet) => (pool(fleet, "gpu").retired = { reason: "sold" }));
    expect(said(smallFleet(), retired)[0]).toContain("warning capacity/pool-removed: pools.gpu goes");
  });

  test("may be described in other words", () => {
    const after = change((fleet) => {
      pool(fleet, "gpu").description = "H100";
      pool(fleet, "gpu").drainSeconds = 60;
    });
    expect(said(smallFleet(), after, [llm("a", 8)])).toEqual([]);
  });
});

describe("jobs", () => {
  const smaller = change((fleet) => (pool(fleet, "gpu").hardware.gpu!.count = 4));

  test("that did not change have no place in a pool that did", () => {
    expect(said(smallFleet(), smaller, [llm("large", 8), llm("small", 4)])).toEqual([
      expect.stringContaining("warning capacity/reduced"),
      expect.stringMatching(
        /^blocking capacity\/job-does-not-fit: nomad_job.large \(job large\) has no place any more/,
      ),
    ]);
  });

  test("lose their place with their pool, or ask for more than there is", () => {
    const gone = change((fleet) => delete fleet.pools["gpu"]);
    expect(said(smallFleet(), gone, [llm("a", 1)])).toContain(
      "blocking capacity/job-does-not-fit: nomad_job.a (job a) has no place any more for group llm: its pool is gone",
    );
    expect(said(smallFleet(), smallFleet(), [llm("a", 8)], [llm("a", 9)])).toEqual([
      expect.stringContaining("blocking capacity/job-does-not-fit: nomad_job.a"),
    ]);
  });

  test("that never had a place are not of this change", () => {
    expect(said(smallFleet(), smaller, [llm("huge", 16)])).toEqual([expect.stringContaining("capacity/reduced")]);
    expect(said(smallFleet(), smallFleet(), [], [llm("new", 16)])).toEqual([]);
  });

  test("may have room for a part of their allocations", () => {
    const many = (count: number): Job => ({
      ...llm("a", 4),
      groups: { llm: { ...llm("a", 4).groups["llm"]!, count } },
    });
    expect(said(smallFleet(), smaller, [many(2)])).toContainEqual(
      expect.stringContaining(
        "warning capacity/job-does-not-fit: nomad_job.a (job a) has room for 1 allocations of group llm only",
      ),
    );
  });

  test("have room alone and not together", () => {
    const both = [llm("a", 4), llm("b", 4)];
    expect(said(smallFleet(), smaller, both)).toContain(
      "warning capacity/overbooked: pools.gpu has 4 GPUs left where its services ask for 8",
    );
    const batch = [llm("a", 4), llm("b", 4, { type: "batch" })];
    expect(said(smallFleet(), smaller, batch)).toEqual([expect.stringContaining("capacity/reduced")]);
  });
});

test("looks at 1,000 jobs in 50 pools in less than two seconds", () => {
  const many = change((fleet) => {
    for (let index = 0; index < 50; index++) fleet.pools[`p${index}`] = structuredClone(fleet.pools["gpu"]!);
  });
  const smaller = structuredClone(many) as Mutable<Fleet>;
  pool(smaller, "p7").hardware.gpu!.count = 4;
  const jobs = Array.from({ length: 1000 }, (_, index) => llm(`j${index}`, 8, { nodePool: `p${index % 50}` }));
  const subject = changeOf({ fleet: many, jobs }, { fleet: smaller, jobs });
  const begin = performance.now();
  const findings = examineCapacity(subject);
  expect(performance.now() - begin).toBeLessThan(2000);
  expect(findings.filter(({ id }) => id === "capacity/job-does-not-fit")).toHaveLength(20);
});
