import { clientConfig } from "../../constructs/machine/agent-config";
import { validateFleet } from "../../model/validate";
import { parsePorts } from "../../model/ports";
import { smallFleet, spoil } from "../helpers/fleet";

describe("what a fleet says for placement", () => {
  test.each<[string, string, unknown, string]>([
    ["hostNetworks", "default", { cidr: "10.1.0.0/24" }, "is the tailnet on every machine"],
    ["hostNetworks", "a b", { cidr: "10.1.0.0/24" }, "must be letters, digits, - and _"],
    ["hostNetworks", "lan", { cidr: "10.1.0.0" }, "must be an IPv4 range"],
    ["hostNetworks", "lan", { interface: "a much too long name" }, "must be the name of an interface"],
    ["reserved", "ports", "22,", "must be ports and ranges of them"],
    ["reserved", "cpuMHz", 8000, "must leave something of 8000"],
    ["reserved", "memoryMiB", -1, "must be a whole number of at least 0"],
    ["hardware", "cores", 0, "must be a whole number of at least 1"],
    ["hardware", "diskMiB", 1.5, "must be a whole number of at least 1"],
  ])("refuses %s.%s = %j", (block, key, value, rule) => {
    const problems = validateFleet(spoil(smallFleet(), `pools.gpu.${block}.${key}`, value));
    expect(problems.map((problem) => problem.rule)).toContain(rule);
  });

  test("refuses names that are none", () => {
    const drivers = validateFleet(spoil(smallFleet(), "pools.gpu.driverPlugins", ["Mine!"]));
    expect(drivers).toEqual([expect.objectContaining({ path: "pools.gpu.driverPlugins[0]" })]);
    const volumes = validateFleet(spoil(smallFleet(), "csiVolumes.data", { plugin: "" }));
    expect(volumes).toEqual([expect.objectContaining({ path: "csiVolumes.data.plugin" })]);
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["no path", {}, "must name a path of the machine"],
    ["the whole machine", { "/": "/" }, "must be an absolute path below /"],
    ["a relative path", { "usr/bin": "/bin" }, "must be an absolute path below /"],
    ["a place outside", { "/usr/bin": "/../bin" }, "must be found at an absolute path"],
  ])("refuses %s in a chroot", (_, chrootEnv, rule) => {
    const problems = validateFleet(spoil(smallFleet(), "pools.gpu.chrootEnv", chrootEnv));
    expect(problems.map((problem) => problem.rule)).toEqual([rule]);
  });

  test("takes a chroot of its own only with a driver that has one", () => {
    const fleet = spoil(smallFleet(), "pools.gpu.chrootEnv", { "/usr/bin": "/bin" });
    expect(validateFleet(fleet)).toEqual([]);
    expect(validateFleet(spoil(fleet, "pools.gpu.drivers", ["docker"]))).toEqual([
      expect.objectContaining({ path: "pools.gpu.chrootEnv", rule: "is for the drivers exec and java" }),
    ]);
  });

  test("accepts networks, reserved resources, plugins and volumes", () => {
    let fleet = spoil(smallFleet(), "pools.gpu.hostNetworks", {
      lan: { cidr: "10.1.0.0/24" },
      nvl: { interface: "eth1" },
    });
    fleet = spoil(fleet, "pools.gpu.reserved", { cpuMHz: 500, memoryMiB: 1024, ports: "22, 9100-9110" });
    fleet = spoil(fleet, "pools.gpu.driverPlugins", ["containerd-driver"]);
    fleet = spoil(fleet, "csiVolumes", { data: { plugin: "nfs" } });
    expect(validateFleet(fleet)).toEqual([]);
    expect(clientConfig(fleet, "gpu", "/var/lib")).toMatchObject({
      client: {
        host_network: {
          lan: { cidr: "10.1.0.0/24" },
          nvl: { interface: "eth1" },
          tailscale: { interface: "tailscale0" },
        },
        reserved: { cpu: 500, memory: 1024, disk: 0, reserved_ports: "22, 9100-9110" },
      },
    });
  });

  test("reserves nothing unless asked to", () => {
    expect(clientConfig(smallFleet(), "gpu", "/var/lib")).not.toHaveProperty("client.reserved");
  });
});

test("parsePorts reads lists and ranges, and nothing else", () => {
  expect(parsePorts("22, 8000-8002")).toEqual([
    [22, 22],
    [8000, 8002],
  ]);
  expect(["", "a", "9-8", "70000", "1,"].map(parsePorts)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
