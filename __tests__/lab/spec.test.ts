import { formatProblem } from "../../constructs/core/problems";
import { linkName, tagsOf, validateLabSpec, type LabSpec } from "../../lab/spec";

const good: LabSpec = {
  fleet: "lab",
  tailnetDomain: "lab.internal",
  sites: [
    { name: "dc-east", cidr: "10.61.1.0/24" },
    { name: "edge", cidr: "10.61.4.0/24" },
  ],
  hosts: [
    { name: "east-1", site: "dc-east", address: "10.61.1.11" },
    { name: "edge-1", site: "edge", address: "10.61.4.11" },
  ],
  identities: [
    { name: "operator", tags: ["tag:operator"], ephemeral: false },
    { name: "server-east", tags: ["tag:nomad-server", "tag:region-east"], ephemeral: false },
  ],
};

function problems(change: Partial<LabSpec>): string[] {
  return validateLabSpec({ ...good, ...change }).map(formatProblem);
}

describe("validateLabSpec", () => {
  test("finds nothing wrong with a good spec", () => {
    expect(validateLabSpec(good)).toEqual([]);
  });

  test("names both ranges that overlap", () => {
    const sites = [...good.sites, { name: "far", cidr: "10.61.0.0/16" }];
    expect(problems({ sites })).toEqual([
      'sites.far.cidr: must not overlap controlCidr (10.61.0.0/24), got "10.61.0.0/16"',
      'sites.far.cidr: must not overlap sites.dc-east.cidr (10.61.1.0/24), got "10.61.0.0/16"',
      'sites.far.cidr: must not overlap sites.edge.cidr (10.61.4.0/24), got "10.61.0.0/16"',
    ]);
  });

  test("keeps sites out of the tailnet's range", () => {
    const sites = [...good.sites, { name: "far", cidr: "100.100.0.0/24" }];
    expect(problems({ sites })).toEqual([
      'sites.far.cidr: must not overlap the tailnet\'s 100.64.0.0/10, got "100.100.0.0/24"',
    ]);
  });

  test("refuses a range that does not begin with its first address", () => {
    const sites = [...good.sites, { name: "far", cidr: "10.61.9.7/24" }];
    expect(problems({ sites })[0]).toContain("written with its first address");
  });

  test.each([
    ["10.61.1.1", "must not be the network, gateway or broadcast address"],
    ["10.61.1.255", "must not be the network, gateway or broadcast address"],
    ["10.61.4.12", "must be an address in 10.61.1.0/24, the range of dc-east"],
    ["10.61.1.11", "must be used once; east-1 has it as well"],
  ])("refuses %s for a second host in dc-east", (address, rule) => {
    const hosts = [...good.hosts, { name: "east-2", site: "dc-east", address }];
    expect(problems({ hosts })).toEqual([`hosts.east-2.address: ${rule}, got "${address}"`]);
  });

  test.each([
    [{ memoryMiB: 511 }, "hosts.east-1.machine.memoryMiB: must be a whole number from 512 to 16384, got 511"],
    [{ cpus: 1.5 }, "hosts.east-1.machine.cpus: must be a whole number from 1 to 16, got 1.5"],
    [{ dataGiB: 0 }, "hosts.east-1.machine.dataGiB: must be a whole number from 1 to 64, got 0"],
  ])("refuses a machine of %o", (machine, problem) => {
    const [first, ...others] = good.hosts;
    const hosts = first === undefined ? [] : [{ ...first, machine }, ...others];
    expect(problems({ hosts })).toEqual([problem]);
  });

  test("takes the least and the greatest machine", () => {
    const sizes = [
      { memoryMiB: 512, cpus: 1, dataGiB: 1 },
      { memoryMiB: 16_384, cpus: 16, dataGiB: 64 },
    ];
    const hosts = good.hosts.map((host, index) => ({ ...host, machine: sizes[index] ?? {} }));
    expect(problems({ hosts })).toEqual([]);
  });

  test("tells all problems at once", () => {
    const hosts = [...good.hosts, { name: "operator", site: "moon", address: "x" }];
    const identities = [{ name: "Server", tags: ["nomad"], ephemeral: false }];
    expect(problems({ hosts, identities })).toEqual([
      expect.stringMatching(/^identities\[0\].name: must be a DNS label/),
      expect.stringMatching(/^hosts\[2\].name: is the name of the operator's own machine/),
      'hosts.operator.site: must be the name of a site, got "moon"',
      'identities.Server.tags: must be written with its prefix, like tag:nomad-server, got "nomad"',
      "identities: must hold one named operator; add the operator's tags",
    ]);
  });
});

describe("linkName", () => {
  test("keeps a name that fits", () => {
    expect(linkName("br", "dc-east")).toBe("br-dc-east");
  });

  test("shortens a long name to what Linux allows, without collisions", () => {
    const names = ["a-very-long-site-name-1", "a-very-long-site-name-2"].map((name) => linkName("br", name));
    expect(names.map((name) => name.length)).toEqual([15, 15]);
    expect(new Set(names).size).toBe(2);
  });
});

test("tagsOf lists every tag once", () => {
  expect(tagsOf(good)).toEqual(["tag:nomad-server", "tag:operator", "tag:region-east"]);
});
