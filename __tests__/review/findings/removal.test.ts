import type { Fleet } from "../../../model/types";
import { awsFleet, type Mutable, smallFleet, spoil } from "../../helpers/fleet";
import { commitOf, found, stackOf } from "./fleets";

const without = (fleet: Mutable<Fleet>, ...pools: readonly string[]): Mutable<Fleet> => ({
  ...fleet,
  services: {},
  pools: Object.fromEntries(Object.entries(fleet.pools).filter(([name]) => !pools.includes(name))),
});
const withoutSouth = (): Mutable<Fleet> => {
  const fleet = without(smallFleet(), "edge");
  return { ...fleet, regions: { north: fleet.regions["north"]! } };
};
const removals = (before: Fleet, after: Fleet) => found(commitOf(before), commitOf(after), "removal", "ids");
const reason = { reason: "old" };

test("a pool and its machines", () => {
  const before = without(awsFleet());
  expect(removals(before, without(awsFleet(), "gpu"))).toEqual(["blocking removal/machine pools.gpu"]);
  expect(removals(before, without(awsFleet(), "arm"))).toEqual(["blocking removal/machine pools.arm"]);
  expect(removals(spoil(before, "pools.arm.retired", reason), without(awsFleet(), "arm"))).toEqual([]);
  expect(removals(before, spoil(before, "pools.arm.retired", reason))).toEqual([]);
});

test("a machine of a pool that stays", () => {
  const hosts = (...names: string[]) => {
    const fleet = smallFleet();
    const north = fleet.sites["north"] as Mutable<Extract<Fleet["sites"][string], { platform: "onprem" }>>;
    north.hosts = { ...north.hosts, "n-gpu-2": { address: "10.1.0.22", hostKey: "ssh-ed25519 AAAA" } };
    return spoil(fleet, "pools.gpu.hosts", names);
  };
  const both = hosts("n-gpu", "n-gpu-2");
  expect(removals(both, hosts("n-gpu"))).toEqual(["blocking removal/machine sites.north.hosts.n-gpu-2"]);
  expect(removals(hosts("n-gpu"), both)).toEqual([]);
  expect(removals(spoil(both, "sites.north.hosts.n-gpu-2.retired", reason), hosts("n-gpu"))).toEqual([]);
});

test("a region, with its stacks in one finding", () => {
  expect(removals(smallFleet(), withoutSouth())).toEqual(["blocking removal/stack regions.south"]);
  const retired = spoil(smallFleet(), "regions.south.retired", reason);
  expect(removals(retired, withoutSouth())).toEqual(["notice removal/stack regions.south"]);
  expect(removals(smallFleet(), retired)).toEqual([]);
});

test("a site, with its region in one finding", () => {
  const fleet = withoutSouth();
  const after = { ...fleet, sites: { north: fleet.sites["north"]! } };
  expect(removals(smallFleet(), after)).toEqual(["blocking removal/stack sites.south"]);
});

test("a stack of any program, where it had something", () => {
  const resource = { aws_s3_bucket: { b: { bucket: "b" } } };
  const both = { stacks: [...stackOf({ resource }, "a").stacks, ...stackOf({}, "empty").stacks] };
  expect(found(both, stackOf({}, "c"))).toEqual(["blocking removal/stack a"]);
  expect(found(stackOf({ resource }, "a"), stackOf({ resource }, "a"))).toEqual([]);
});
