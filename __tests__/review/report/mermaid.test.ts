import fc from "fast-check";
import { mermaidOf } from "../../../review/report/mermaid";
import { MARKS, type Picture, pictureOf } from "../../../review/report/picture";
import { hostileText } from "../../helpers/hostile-report";
import type { Fleet } from "../../../model/types";

const fleet = {
  name: "acme",
  tailnet: { domain: "steppe.test" },
  backend: { kind: "local" },
  sites: {
    fra: { platform: "onprem", networks: [], hosts: {} },
    edge: { platform: "onprem", networks: [], hosts: {} },
  },
  regions: {
    eu: { site: "fra", servers: { hosts: ["a", "b", "c"] }, authoritative: true },
    us: { site: "edge", servers: { hosts: ["d"] } },
  },
  pools: {
    h100: {
      region: "eu",
      site: "fra",
      hosts: ["e"],
      hardware: { cpuMHz: 1, memoryMiB: 1, gpu: { model: "h100-80gb", count: 8 } },
    },
  },
} satisfies Fleet;

const subject = { source: "synth diff", stacks: [], changes: [], jobs: [] } as const;
const base = { fleet, stacks: [] };

/** The only forms of a line that a picture has. */
const LINES = [
  /^flowchart LR$/,
  /^ {2}subgraph s\d+\["[\w .,+-]*"\]$/,
  /^ {4}n\d+\["[\w .,+-]*"\](:::(removed|destructive|added|changed))?$/,
  /^ {2}end$/,
  /^ {2}class s\d+ (removed|destructive|added|changed)$/,
  /^ {2}n\d+ (-->|<-->\|federates\|) n\d+$/,
  /^ {2}left\["\d+ more sites?"\]$/,
  /^ {2}classDef \w+ [\w:#,-]+$/,
  /^$/,
];

const picture = (text: fc.Arbitrary<string>, most: number): fc.Arbitrary<Picture> => {
  const mark = fc.constantFrom(...MARKS);
  const size = { maxLength: most, size: "max" } as const;
  return fc.array(fc.record({ name: text, platform: text, mark }), { ...size, minLength: 1 }).chain((sites) => {
    const site = fc.constantFrom(...sites.map(({ name }) => name));
    return fc.record({
      sites: fc.constant(sites),
      regions: fc.array(fc.record({ name: text, site, servers: fc.nat(5), authoritative: fc.boolean(), mark }), size),
      pools: fc.array(fc.record({ name: text, site, region: text, machines: fc.nat(500), gpus: text, mark }), size),
    });
  });
};

describe("pictureOf", () => {
  test("marks what comes, goes and changes, and what a finding blocks", () => {
    const head = {
      stacks: [],
      fleet: {
        ...fleet,
        sites: { fra: fleet.sites.fra, ams: fleet.sites.edge },
        regions: { eu: fleet.regions.eu },
        pools: { h100: { ...fleet.pools.h100, hosts: ["e", "f"] } },
      },
    };
    const blocking = [
      { id: "quorum/x", severity: "blocking", resource: "regions.eu.servers", reason: "", fix: "" },
    ] as const;
    const drawn = pictureOf({ ...subject, base, head }, blocking);
    expect(drawn?.sites.map(({ name, mark }) => [name, mark])).toEqual([
      ["fra", "unchanged"],
      ["ams", "added"],
      ["edge", "removed"],
    ]);
    expect(drawn?.regions.map(({ name, servers, mark }) => [name, servers, mark])).toEqual([
      ["eu", 3, "destructive"],
      ["us", 1, "removed"],
    ]);
    expect(drawn?.pools).toEqual([
      { name: "h100", site: "fra", region: "eu", machines: 2, gpus: "8 h100-80gb", mark: "changed" },
    ]);
  });

  test("is not there without a fleet", () => {
    expect(pictureOf(subject, [])).toBeUndefined();
  });

  test("marks a site in whose stack something is destroyed", () => {
    const change = {
      stack: "acme-site-fra",
      address: "a.b",
      type: "a",
      action: "replace",
      meta: { before: {}, after: {} },
      changed: [],
      replacedBy: [],
    } as const;
    const drawn = pictureOf({ ...subject, base, head: base, changes: [change] }, []);
    expect(drawn?.sites.map(({ mark }) => mark)).toEqual(["destructive", "unchanged"]);
  });
});

describe("mermaidOf", () => {
  test("draws sites with what is in them, federation and membership", () => {
    const drawn = pictureOf({ ...subject, base, head: base }, []) as Picture;
    expect(mermaidOf(drawn).split("\n").slice(0, 10)).toEqual([
      "flowchart LR",
      '  subgraph s0["fra, onprem"]',
      '    n0["region eu, 3 servers, authoritative"]',
      '    n1["pool h100, 1 machine, 8 h100-80gb each"]',
      "  end",
      '  subgraph s1["edge, onprem"]',
      '    n2["region us, 1 server"]',
      "  end",
      "  n0 <-->|federates| n2",
      "  n1 --> n0",
    ]);
  });

  test("has lines of these forms alone, whatever things are called", () => {
    fc.assert(
      fc.property(picture(hostileText, 12), (drawn) => {
        for (const line of mermaidOf(drawn).split("\n")) expect(LINES.some((form) => form.test(line))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("stays readable and within GitHub's limit", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "-"), minLength: 30, maxLength: 63 });
    fc.assert(
      fc.property(picture(name, 200), (drawn) => {
        const text = mermaidOf(drawn);
        expect(text.length).toBeLessThan(50_000);
        expect((text.match(/^ {4}n\d+\[/gm) ?? []).length).toBeLessThanOrEqual(60);
      }),
      { numRuns: 20 },
    );
  });
});
