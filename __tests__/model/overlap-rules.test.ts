import { formatProblem } from "../../constructs/core/problems";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { smallFleet, spoil } from "../helpers/fleet";

const problemsOf = (fleet: Fleet) =>
  validateFleet(fleet).map((problem) => `${problem.severity ?? "error"} ${formatProblem(problem)}`);
const storage = (cidr: string) => spoil(smallFleet(), "pools.edge.hostNetworks", { storage: { cidr } });
/** A NAS at site north that pool edge of site south calls. */
const withNas = (fleet: Fleet, address: string) =>
  spoil(fleet, "sites.north.lanHosts", {
    nas: { address, routers: ["gpu"], services: { nfs: { port: 2049, callers: ["edge"] } } },
  });
const otherPools = 'choose another range, or give Docker others: "default-address-pools" in /etc/docker/daemon.json';

test.each([
  [
    "the tailnet",
    "100.64.0.0/16",
    '100.64.0.0/10 (tailnet addresses), got "100.64.0.0/16"; use hostNetwork "tailscale", which is there already',
  ],
  [
    "MagicDNS",
    "100.100.100.100/32",
    '100.64.0.0/10 (tailnet addresses), got "100.100.100.100/32"; use hostNetwork "tailscale", which is there already',
  ],
  ["Nomad's bridge", "172.26.64.0/24", `172.26.64.0/20 (Nomad's bridge network), got "172.26.64.0/24"; narrow it`],
  ["Docker's bridge", "172.16.0.0/12", `172.26.64.0/20 (Nomad's bridge network), got "172.16.0.0/12"; narrow it`],
])("a host network may not overlap %s", (_, cidr, rule) => {
  expect(problemsOf(storage(cidr))).toContain(`error pools.edge.hostNetworks.storage.cidr: must not overlap ${rule}`);
});

test("a host network may not hide a LAN host that the pool calls", () => {
  expect(problemsOf(storage("10.9.0.0/24"))).toEqual([]);
  expect(problemsOf(withNas(storage("10.1.0.0/24"), "10.1.0.50"))).toEqual([
    'error pools.edge.hostNetworks.storage.cidr: must not hold sites.north.lanHosts.nas (10.1.0.50), which the pool calls through the tailnet, got "10.1.0.0/24"; give one of the two another range',
  ]);
});

describe("Docker's own ranges", () => {
  const lan = { "n-1": "192.168.7.11", "n-2": "192.168.7.12", "n-3": "192.168.7.13", "n-gpu": "192.168.7.21" };
  const moved = Object.entries(lan).reduce<Fleet>(
    (fleet, [host, address]) => spoil(fleet, `sites.north.hosts.${host}.address`, address),
    spoil(smallFleet(), "sites.north.networks", ["192.168.7.0/24"]),
  );

  test("are no matter for a LAN that the machines are attached to", () => {
    expect(problemsOf(moved)).toEqual([]);
  });

  test("may hide a LAN host of another site, where the callers have Docker", () => {
    const fleet = withNas(moved, "192.168.7.50");
    expect(problemsOf(fleet)).toEqual([
      `warning sites.north.lanHosts.nas.address: lies where Docker on pool edge takes ranges from (192.168.0.0/16): a network that a job makes may hide it, got "192.168.7.50"; ${otherPools}`,
    ]);
    expect(problemsOf(spoil(fleet, "pools.edge.drivers", ["exec"]))).toEqual([]);
  });

  test("may hide a second network of the site, and a cloud's", () => {
    const two = spoil(smallFleet(), "sites.north.networks", ["10.1.0.0/24", "172.20.0.0/24"]);
    expect(problemsOf(two)).toEqual([
      `warning sites.north.networks[1]: lies where Docker on pool gpu takes ranges from (172.20.0.0/14): a network that a job makes may hide it, got "172.20.0.0/24"; ${otherPools}`,
    ]);
  });
});
