import { App, Testing } from "cdktf";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { inRegions } from "../../constructs/jobspec/regions";
import { MultiRegionJob } from "../../constructs/nomad/multi-region-job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { job } from "../jobspec/refused";

function stackOf(app: App, region: string): FastStack {
  const stack = new FastStack(app, `jobs-${region}`);
  new RegionProvider(stack, "nomad", { region, address: "https://a.example:4646" });
  return stack;
}

const subject = job({ meta: { team: "a" } }, { count: 2 });

describe("inRegions", () => {
  test("makes one job per region with its counts and overrides", () => {
    const jobs = inRegions(subject, {
      east: {},
      west: { counts: { web: 7 }, count: 1, nodePool: "edge", datacenters: ["dc2"], meta: { tier: "edge" } },
      north: { count: 0, change: (given) => ({ ...given, priority: 80 }) },
    });
    expect(Object.keys(jobs)).toEqual(["east", "west", "north"]);
    expect(jobs["east"]).toEqual({ ...subject, region: "east" });
    expect(jobs["west"]).toMatchObject({
      region: "west",
      nodePool: "edge",
      datacenters: ["dc2"],
      meta: { team: "a", tier: "edge" },
      groups: { web: { count: 7 } },
    });
    expect(jobs["north"]).toMatchObject({ region: "north", priority: 80, groups: { web: { count: 0 } } });
  });

  test("names everything that is wrong at once", () => {
    expect(() => inRegions({ ...subject, region: "east" }, { east: { counts: { wbe: 1 } } })).toThrow(
      [
        "job web in several regions is not valid",
        '  - region: must not be set, got "east"; name it in regions only',
        "  - regions.east.counts.wbe: must be a group of the job; use one of: web",
      ].join("\n"),
    );
    expect(() => inRegions(subject, {})).toThrow("regions: must name at least one region");
  });
});

describe("MultiRegionJob", () => {
  const regions = { east: {}, north: { count: 1 }, west: { count: 3 } };

  test.each([
    ["in that order", ["east", "north", "west"]],
    ["in another order", ["west", "east", "north"]],
  ])("rolls out in the order given, also when stacks are made %s", (_what, order) => {
    const app = Testing.app();
    const web = new MultiRegionJob({ job: subject, regions });
    const stacks = new Map(order.map((region) => [region, stackOf(app, region)]));
    for (const stack of stacks.values()) web.deploy(stack);
    expect(stacks.get("west")?.dependsOn(stacks.get("north") as FastStack)).toBe(true);
    expect(stacks.get("north")?.dependsOn(stacks.get("east") as FastStack)).toBe(true);
  });

  test("waits for each deployment, so that a failure stops the rollout", () => {
    const app = Testing.app();
    const web = new MultiRegionJob({ job: subject, regions: { east: {} } });
    expect(web.deploy(stackOf(app, "east")).resource.detachInput).toBe(false);
  });

  test("says which region was forgotten", () => {
    const app = Testing.app();
    const web = new MultiRegionJob({ job: subject, regions: { east: {}, west: {} } });
    web.deploy(stackOf(app, "east"));
    expect(() => app.synth()).toThrow("job web: regions.west: must be deployed too; call deploy() there");
  });

  test("refuses a stack of another region", () => {
    const web = new MultiRegionJob({ job: subject, regions: { east: {} } });
    expect(() => web.deploy(stackOf(Testing.app(), "south"))).toThrow(
      'regions: must name the region of the stack, got "south"; add it, or deploy only in: east',
    );
  });

  test("refuses two jobs with opposite orders", () => {
    const app = Testing.app();
    const [east, west] = [stackOf(app, "east"), stackOf(app, "west")];
    const one = new MultiRegionJob({ job: subject, regions: { east: {}, west: {} } });
    const other = new MultiRegionJob({ job: { ...subject, id: "other" }, regions: { west: {}, east: {} } });
    for (const stack of [east, west]) one.deploy(stack);
    other.deploy(east);
    expect(() => other.deploy(west)).toThrow("another job wants the opposite; use one order for all jobs");
  });

  test("can be used by several programs of one process", () => {
    const web = new MultiRegionJob({ job: subject, regions: { east: {}, west: {} } });
    for (const app of [Testing.app(), Testing.app()]) {
      const [east, west] = [stackOf(app, "east"), stackOf(app, "west")];
      for (const stack of [east, west]) web.deploy(stack);
      expect(west.dependsOn(east)).toBe(true);
    }
  });
});
