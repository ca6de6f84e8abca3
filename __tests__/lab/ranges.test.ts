import { conflictingChanges, rangeCollisions } from "../../lab/preflight";
import { contains, machineRanges, nthAddress, overlaps, parseAddress, parseCidr } from "../../lab/ranges";
import type { LabSpec } from "../../lab/spec";

const spec: LabSpec = {
  fleet: "lab",
  tailnetDomain: "lab.internal",
  sites: [{ name: "dc-east", cidr: "10.61.1.0/24" }],
  hosts: [{ name: "east-1", site: "dc-east", address: "10.61.1.11" }],
  identities: [{ name: "operator", tags: ["tag:operator"], ephemeral: false }],
};

describe("ranges", () => {
  test.each(["10.0.0", "10.0.0.256", "10.0.0.01", "a.b.c.d", ""])("takes %p for no address", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0.1/24", "10.0.0.0/24/1"])("takes %p for no range", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test("reaches to the end of the address space", () => {
    expect(parseCidr("255.255.255.0/24")).toEqual({ first: 4294967040, last: 4294967295, prefix: 24 });
  });

  test("tells overlap from neighbourhood", () => {
    expect(overlaps("10.0.0.0/8", "10.61.1.0/24")).toBe(true);
    expect(overlaps("10.61.0.0/24", "10.61.1.0/24")).toBe(false);
  });

  test("counts from the first address", () => {
    expect(nthAddress("10.61.1.0/24", 1)).toBe("10.61.1.1");
    expect(contains("10.61.1.0/24", "10.61.2.1")).toBe(false);
  });
});

describe("machineRanges", () => {
  const addresses = JSON.stringify([
    { ifname: "lo", addr_info: [{ family: "inet", local: "127.0.0.1", prefixlen: 8 }] },
    { ifname: "eth0", addr_info: [{ family: "inet6", local: "fd00::2", prefixlen: 64 }] },
  ]);
  const routes = JSON.stringify([
    { dst: "default", dev: "eth0" },
    { dst: "10.61.0.0/16", dev: "vpn0" },
    { dst: "10.9.9.9", dev: "eth0" },
  ]);

  test("reads addresses and routes, not the default route", () => {
    expect(machineRanges(addresses, routes)).toEqual([
      { cidr: "127.0.0.0/8", device: "lo" },
      { cidr: "10.61.0.0/16", device: "vpn0" },
      { cidr: "10.9.9.9/32", device: "eth0" },
    ]);
  });

  test("names what collides, with what", () => {
    expect(rangeCollisions(spec, machineRanges(addresses, routes))).toEqual([
      "10.61.0.0/24 of the control server overlaps 10.61.0.0/16, which this machine has on vpn0",
      "10.61.1.0/24 of site dc-east overlaps 10.61.0.0/16, which this machine has on vpn0",
    ]);
  });
});

describe("conflictingChanges", () => {
  test("lets hosts and sites come and go", () => {
    const more = { ...spec, sites: [...spec.sites, { name: "edge", cidr: "10.61.4.0/24" }], hosts: [] };
    expect(conflictingChanges(spec, more)).toEqual([]);
  });

  test("refuses to move what runs", () => {
    const moved = { ...spec, hosts: [{ name: "east-1", site: "dc-east", address: "10.61.1.12" }] };
    expect(conflictingChanges(spec, moved)).toEqual([
      "hosts.east-1: was 10.61.1.11 in dc-east, is 10.61.1.12 in dc-east",
    ]);
  });
});
