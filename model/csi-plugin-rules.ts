import type { Problem } from "../constructs/core/problems";
import { csiCloudProblems } from "./csi-cloud-rules";
import type { CsiDriver, CsiMachineNeeds } from "./csi-driver";
import { csiEndpointProblems } from "./csi-endpoint-rules";
import { csiProgramsIn, rolesOf, storageOf } from "./volumes";
import type { CsiPlugin } from "./volume-types";
import type { Fleet, Pool } from "./types";

/** Problems with a region's CSI plugins. */
export function csiPluginProblems(fleet: Fleet, region: string): Problem[] {
  return Object.entries(storageOf(fleet, region).plugins).flatMap(([id, plugin]) => {
    const path = `regions.${region}.storage.plugins.${id}`;
    return [
      ...idProblems(path, id, plugin.driver),
      ...poolProblems(path, fleet, region, plugin),
      ...controllerProblems(path, plugin),
      ...driverProblems(`${path}.driver`, plugin.driver),
      ...csiCloudProblems(path, fleet, region, plugin),
      ...csiEndpointProblems(`${path}.driver`, fleet, plugin),
      ...usedProblems(path, fleet, region, id, plugin),
    ];
  });
}

/** Problems with what the machines of a pool must be for the drivers that run there. */
export function csiMachineProblems(fleet: Fleet): Problem[] {
  return Object.entries(fleet.pools).flatMap(([name, pool]) => {
    const programs = csiProgramsIn(fleet, name);
    const drivers = pool.drivers ?? ["docker", "exec"];
    const missing = [
      ...(programs.some(({ image }) => image !== undefined) && !drivers.includes("docker") ? ["docker"] : []),
      ...(programs.some(({ command }) => command !== undefined) && !drivers.includes("raw_exec") ? ["raw_exec"] : []),
    ];
    return missing.map((driver) => ({
      path: `pools.${name}.drivers`,
      rule: `must have ${driver}: a CSI plugin of region ${pool.region} runs here with it`,
      got: drivers,
      fix: `add "${driver}", or take the pool out of the plugin's`,
    }));
  });
}

function idProblems(path: string, id: string, { name, secrets = [] }: CsiDriver): Problem[] {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(id))
    return [
      { path, rule: "must be letters, digits, dots, dashes and underscores, at most 63", got: id, fix: "rename it" },
    ];
  if (secrets.length === 0 || !id.includes(".")) return [];
  return [
    {
      path,
      rule: `must have no dot: the Nomad variable that driver ${name} reads is named by it, and its name cannot hold one`,
      got: id,
      fix: `name it like ${id.replaceAll(".", "-")}`,
    },
  ];
}

function poolProblems(path: string, fleet: Fleet, region: string, plugin: CsiPlugin): Problem[] {
  const named = [
    ...plugin.pools.map((pool, index) => [`${path}.pools[${index}]`, pool] as const),
    ...(plugin.controllerPool === undefined ? [] : [[`${path}.controllerPool`, plugin.controllerPool] as const]),
  ];
  return [
    ...(plugin.pools.length > 0
      ? []
      : [
          {
            path: `${path}.pools`,
            rule: "must name a pool: no machine could mount a volume",
            got: [],
            fix: "name one",
          },
        ]),
    ...named.flatMap(([at, name]) => {
      const pool: Pool | undefined = fleet.pools[name];
      if (pool?.region === region) return [];
      return [
        {
          path: at,
          rule: pool === undefined ? "must be a pool of the fleet" : `must be a pool of region ${region}`,
          got: name,
          fix: `name one of ${Object.keys(fleet.pools)
            .filter((other) => fleet.pools[other]?.region === region)
            .join(", ")}`,
        },
      ];
    }),
  ];
}

function controllerProblems(path: string, { controllers, controllerPool, driver }: CsiPlugin): Problem[] {
  const has = driver.programs.controller !== undefined;
  const problems: Problem[] = [];
  if (controllers !== undefined && !(Number.isInteger(controllers) && controllers >= 1 && controllers <= 5))
    problems.push({ path: `${path}.controllers`, rule: "must be a whole number from 1 to 5", got: controllers });
  for (const [name, value] of Object.entries({ controllers, controllerPool }))
    if (value !== undefined && !has)
      problems.push({
        path: `${path}.${name}`,
        rule: `is for drivers with a controller of their own, which ${driver.name} has not`,
        got: value,
        fix: "leave it out",
      });
  return problems;
}

function driverProblems(path: string, driver: CsiDriver): Problem[] {
  const problems: Problem[] = (driver.problems ?? []).map((problem) => ({
    ...problem,
    path: `${path}.${problem.path}`,
  }));
  if (driver.capabilities.length === 0)
    problems.push({
      path: `${path}.capabilities`,
      rule: "must name how its volumes can be used",
      got: [],
      fix: "name one",
    });
  for (const [role, program] of rolesOf(driver)) {
    const at = `${path}.programs.${role}`;
    if (
      program.image !== undefined &&
      !/[^/]:(?!latest$)[\w][\w.-]*(@sha256:[0-9a-f]{64})?$|@sha256:[0-9a-f]{64}$/.test(program.image)
    )
      problems.push({
        path: `${at}.image`,
        rule: "must have a version",
        got: program.image,
        fix: "write it like registry.example.com/driver:v1.2.3",
      });
    if (program.command !== undefined && !program.command.startsWith("/"))
      problems.push({ path: `${at}.command`, rule: "must be an absolute path on the machines", got: program.command });
    problems.push(...machineProblems(`${at}.machine`, program.machine));
  }
  return problems;
}

/** What goes into a script that runs as root. */
function machineProblems(path: string, machine: CsiMachineNeeds = {}): Problem[] {
  const { packages = [], kernelModules = [], units = [], directories = [] } = machine;
  const word = /^[A-Za-z0-9][A-Za-z0-9+._@-]*$/;
  const values: readonly (readonly [path: string, value: string, shape: RegExp, what: string])[] = [
    ...packages.flatMap(({ name, command }, index) => [
      [`packages[${index}].name`, name, word, "the name of a package"] as const,
      [`packages[${index}].command`, command, word, "the name of a command"] as const,
    ]),
    ...kernelModules.map((value, index) => [`kernelModules[${index}]`, value, word, "the name of a module"] as const),
    ...units.map((value, index) => [`units[${index}]`, value, word, "the name of a unit"] as const),
    ...directories.map(
      (value, index) => [`directories[${index}]`, value, /^(\/[A-Za-z0-9._-]+)+$/, "an absolute path"] as const,
    ),
  ];
  return values.flatMap(([at, got, shape, what]) =>
    shape.test(got) ? [] : [{ path: `${path}.${at}`, rule: `must be ${what}`, got }],
  );
}

/** A plugin goes last: Nomad cannot let go of a volume whose plugin is gone. */
function usedProblems(path: string, fleet: Fleet, region: string, id: string, { retired }: CsiPlugin): Problem[] {
  if (retired === undefined) return [];
  return Object.entries(storageOf(fleet, region).volumes).flatMap(([name, volume]) =>
    volume.kind !== "dynamic-host" && volume.plugin === id
      ? [
          {
            path: `${path}.retired`,
            rule: `cannot be while volume ${name} names it: nothing could unmount or destroy that`,
            got: id,
            fix: `retire regions.${region}.storage.volumes.${name}, apply, delete its line, then retire the plugin`,
          },
        ]
      : [],
  );
}
