import type { Problem } from "../constructs/core/problems";
import { architectureOf, gpuFiles, isManagedGpu, needsFabricManager } from "./gpu";
import { gpuOf } from "./hardware";
import { migProblems } from "./mig-rules";
import type { Fleet, Pool, Site } from "./types";
import { FIRST_GPU_DRIVER_BRANCH, GPU_PLUGIN_VERSION } from "./versions";

/** Generations of GPUs for which NVIDIA's open kernel modules have no support. */
const CLOSED_MODULES = ["kepler", "maxwell", "pascal", "volta"];

/** Problems with what a fleet's pools say of their GPUs' drivers. */
export function gpuProblems(fleet: Fleet): Problem[] {
  return Object.entries(fleet.pools).flatMap(([name, pool]) => {
    const site = fleet.sites[pool.site];
    return [
      ...nameProblems(`pools.${name}.hardware.gpu.model`, pool),
      ...driverProblems(`pools.${name}.gpuDriver`, pool),
      ...migProblems(`pools.${name}`, pool),
      ...(site === undefined
        ? []
        : [...pluginProblems(`pools.${name}`, pool, site), ...imageProblems(`pools.${name}`, pool, site)]),
      ...(site === undefined ? [] : mirrorProblems(pool, site)),
    ];
  });
}

function driverProblems(path: string, pool: Pool): Problem[] {
  const { gpuDriver: driver } = pool;
  const gpu = gpuOf(pool.hardware);
  if (pool.hardware.gpu === undefined)
    return driver === undefined
      ? []
      : [{ path, rule: "is for pools with GPUs", got: driver.kind, fix: "set hardware.gpu, or leave it out" }];
  const vendor = gpu?.vendor ?? "nvidia";
  if (driver?.kind === "unmanaged") return pluginNameProblems(`${path}.devicePlugin`, driver.devicePlugin);
  if (vendor !== "nvidia")
    return [
      {
        path,
        rule: `must be unmanaged: Steppe sets up NVIDIA's GPUs alone, and these are ${vendor}'s`,
        got: driver?.kind,
        fix: 'bring driver and plugin with the image, and set { kind: "unmanaged", devicePlugin, reason }',
      },
    ];
  if (driver?.kind !== "repository") return [];
  const problems: Problem[] = [];
  if (!Number.isInteger(driver.branch) || driver.branch < FIRST_GPU_DRIVER_BRANCH || driver.branch > 999)
    problems.push({
      path: `${path}.branch`,
      rule: `must be a branch of NVIDIA's driver from ${FIRST_GPU_DRIVER_BRANCH}, the first that can be kept to`,
      got: driver.branch,
      fix: "write it like 580",
    });
  if (gpu !== undefined && CLOSED_MODULES.includes(gpu.gpuArchitecture))
    problems.push({
      path,
      rule: `brings open kernel modules, which have no support for ${gpu.gpuArchitecture}`,
      got: driver.kind,
      fix: 'bring the driver with the image: { kind: "image" }',
    });
  if (needsFabricManager(pool.hardware))
    problems.push({
      path,
      rule: "brings no Fabric Manager, without which GPUs behind NVSwitch do nothing",
      got: driver.kind,
      fix: 'use an image that has driver and Fabric Manager of one version: { kind: "image" }',
    });
  return problems;
}

/** The name goes into commands of the machine. */
function nameProblems(path: string, { hardware }: Pool): Problem[] {
  const model = gpuOf(hardware)?.model;
  if (model === undefined || /^[A-Za-z0-9][A-Za-z0-9 ._+()/-]*$/.test(model)) return [];
  return [{ path, rule: "must be a name as the driver gives it", got: model, fix: "copy it from nvidia-smi -L" }];
}

function pluginNameProblems(path: string, name: string | undefined): Problem[] {
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return [];
  return [{ path, rule: "must be the name of a program", got: name }];
}

/** Nomad's plugin for NVIDIA is released for one architecture, and before GPUs that have no memory of their own. */
function pluginProblems(path: string, pool: Pool, site: Site): Problem[] {
  if (!isManagedGpu(pool)) return [];
  const problems: Problem[] = [];
  const plugin = `nomad-device-nvidia ${GPU_PLUGIN_VERSION}`;
  const fix = 'bring a newer one with the image, and set gpuDriver { kind: "unmanaged", devicePlugin, reason }';
  const architecture = architectureOf(pool);
  if (architecture !== "amd64" && (site.install?.kind ?? "repository") === "repository")
    problems.push({
      path: `${path}.hardware.architecture`,
      rule: `has no ${plugin} in HashiCorp's package repository`,
      got: architecture,
      fix,
    });
  const gpu = gpuOf(pool.hardware);
  if (gpu?.unifiedMemory === true)
    problems.push({
      path: `${path}.hardware.gpu.model`,
      rule: `is not reported by ${plugin}: it has no memory of its own`,
      got: gpu.model,
      fix,
      severity: "warning",
    });
  return problems;
}

/** The site's image is that of servers and pools without GPUs as well. */
function imageProblems(path: string, pool: Pool, site: Site): Problem[] {
  if (site.platform === "onprem" || !isManagedGpu(pool) || pool.image !== undefined) return [];
  if (pool.gpuDriver?.kind === "repository") return [];
  return [
    {
      path: `${path}.image`,
      rule: "must be an image with NVIDIA's driver, since the pool has GPUs",
      fix: 'name one, or set gpuDriver: { kind: "repository", branch }',
    },
  ];
}

function mirrorProblems(pool: Pool, site: Site): Problem[] {
  const { install } = site;
  if (install?.kind !== "mirror") return [];
  return gpuFiles(pool).flatMap((file) =>
    /^[0-9a-f]{64}$/.test(install.sha256[file] ?? "")
      ? []
      : [
          {
            path: `sites.${pool.site}.install.sha256["${file}"]`,
            rule: "must be the SHA-256 of a file that machines with GPUs take from the mirror",
            got: install.sha256[file],
            fix: "put the file there, and its sum here",
          },
        ],
  );
}
