import type { Problem } from "../constructs/core/problems";
import { TAILNET_HOST_NETWORKS } from "./host-networks";
import { parsePorts } from "./ports";
import { rangeBounds } from "./ranges";
import type { Fleet, Pool } from "./types";

/** Problems with what a fleet says of its pools so that jobs can be placed. */
export function placementFactProblems(fleet: Fleet): Problem[] {
  const problems = Object.entries(fleet.pools).flatMap(([name, pool]) => [
    ...hostNetworkProblems(`pools.${name}.hostNetworks`, pool),
    ...amountProblems(`pools.${name}`, pool),
    ...driverProblems(`pools.${name}.driverPlugins`, pool),
    ...chrootProblems(`pools.${name}.chrootEnv`, pool),
  ]);
  for (const [id, { plugin }] of Object.entries(fleet.csiVolumes ?? {})) {
    if (plugin === "")
      problems.push({ path: `csiVolumes.${id}.plugin`, rule: "must name a CSI plugin", got: plugin, fix: "name it" });
  }
  return problems;
}

function hostNetworkProblems(path: string, pool: Pool): Problem[] {
  return Object.entries(pool.hostNetworks ?? {}).flatMap(([name, network]) => {
    const at = `${path}.${name}`;
    const problems: Problem[] = [];
    if (TAILNET_HOST_NETWORKS.includes(name))
      problems.push({ path: at, rule: "is the tailnet on every machine", got: name, fix: "rename the network" });
    if (!/^[A-Za-z0-9_-]+$/.test(name))
      problems.push({ path: at, rule: "must be letters, digits, - and _", got: name, fix: "rename the network" });
    if (network.cidr !== undefined && rangeBounds(network.cidr) === undefined)
      problems.push({ path: `${at}.cidr`, rule: "must be an IPv4 range", got: network.cidr });
    if (network.interface !== undefined && !/^[A-Za-z0-9_.-]{1,15}$/.test(network.interface))
      problems.push({ path: `${at}.interface`, rule: "must be the name of an interface", got: network.interface });
    return problems;
  });
}

function amountProblems(path: string, { hardware, reserved }: Pool): Problem[] {
  const problems: Problem[] = [];
  const whole = (at: string, value: number | undefined, minimum: number) => {
    if (value !== undefined && !(Number.isInteger(value) && value >= minimum))
      problems.push({ path: `${path}.${at}`, rule: `must be a whole number of at least ${minimum}`, got: value });
  };
  const below = (at: string, value: number | undefined, has: number | undefined) => {
    if (value !== undefined && has !== undefined && value >= has)
      problems.push({ path: `${path}.${at}`, rule: `must leave something of ${has}`, got: value, fix: "reserve less" });
  };
  whole("hardware.cores", hardware.cores, 1);
  whole("hardware.diskMiB", hardware.diskMiB, 1);
  whole("reserved.cpuMHz", reserved?.cpuMHz, 0);
  whole("reserved.memoryMiB", reserved?.memoryMiB, 0);
  whole("reserved.diskMiB", reserved?.diskMiB, 0);
  below("reserved.cpuMHz", reserved?.cpuMHz, hardware.cpuMHz);
  below("reserved.memoryMiB", reserved?.memoryMiB, hardware.memoryMiB);
  below("reserved.diskMiB", reserved?.diskMiB, hardware.diskMiB);
  if (reserved?.ports !== undefined && parsePorts(reserved.ports) === undefined)
    problems.push({
      path: `${path}.reserved.ports`,
      rule: "must be ports and ranges of them",
      got: reserved.ports,
      fix: 'write them like "22,9100-9110"',
    });
  return problems;
}

function driverProblems(path: string, pool: Pool): Problem[] {
  return (pool.driverPlugins ?? []).flatMap((name, index) =>
    /^[a-z0-9][a-z0-9_-]*$/.test(name)
      ? []
      : [{ path: `${path}[${index}]`, rule: "must be the name of a task driver", got: name }],
  );
}

function chrootProblems(path: string, { chrootEnv, drivers = ["docker", "exec"] }: Pool): Problem[] {
  if (chrootEnv === undefined) return [];
  const isAbsolute = (value: string): boolean => value.startsWith("/") && !value.split("/").includes("..");
  if (Object.keys(chrootEnv).length === 0)
    return [{ path, rule: "must name a path of the machine", got: "{}", fix: "leave it out for Nomad's own list" }];
  const paths = Object.entries(chrootEnv).flatMap(([source, destination]): Problem[] => [
    ...(isAbsolute(source) && source !== "/"
      ? []
      : [{ path: `${path}.${source}`, rule: "must be an absolute path below /", got: source }]),
    ...(isAbsolute(destination)
      ? []
      : [{ path: `${path}.${source}`, rule: "must be found at an absolute path", got: destination }]),
  ]);
  if (paths.length > 0 || drivers.includes("exec") || drivers.includes("java")) return paths;
  return [
    {
      path,
      rule: "is for the drivers exec and java",
      got: drivers.join(", "),
      fix: "name one in drivers, or leave it out",
    },
  ];
}
