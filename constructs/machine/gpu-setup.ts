import {
  devicePluginOf,
  GPU_PLUGIN,
  gpuPluginArchive,
  gpuToolkitFiles,
  hasNvidiaRuntime,
  isManagedGpu,
} from "../../model/gpu";
import { gpuOf } from "../../model/hardware";
import { siteOf } from "../../model/names";
import type { Fleet, InstallSource, Pool } from "../../model/types";
import { GPU_PLUGIN_VERSION, GPU_TOOLKIT_VERSION } from "../../model/versions";
import { driversOf } from "./agent-config";
import { type BundleFile, script } from "./bundle-file";
import { paths } from "./paths";
import { gpuCheck, gpuDriverFromRepository, placeDevicePlugin } from "./shell/gpu";
import type { Program } from "./shell/programs";

/** What a pool's machines have for their GPUs, beside what machines without have. */
export interface GpuSetup {
  /** Programs that the site's install source brings. */
  readonly programs: readonly Program[];
  /** Versions, archives and sums of the programs, as shell assignments. */
  readonly settings: readonly string[];
  readonly files: readonly BundleFile[];
  /** Containers use the GPUs through NVIDIA's runtime, which Docker must know. */
  readonly nvidiaRuntime: boolean;
  /** Brings the driver, after the programs. */
  readonly driver: readonly string[];
  /** Before Nomad starts. */
  readonly ready: readonly string[];
  /** Command that Nomad's unit runs before each start. @default - none */
  readonly check?: string;
}

/** @param pluginDirectory - Nomad's `plugin_dir`. */
export function gpuSetup(fleet: Fleet, pool: Pool, pluginDirectory: string): GpuSetup {
  const source = siteOf(fleet, pool.site).install ?? { kind: "repository" };
  const gpu = gpuOf(pool.hardware);
  const plugin = devicePluginOf(pool);
  const placed = plugin === undefined ? [] : [placeDevicePlugin(plugin, pluginDirectory)];
  if (gpu === undefined || !isManagedGpu(pool))
    return { programs: [], settings: [], files: [], nvidiaRuntime: false, driver: [], ready: placed };
  const docker = driversOf(pool).includes("docker");
  const check = `${paths.library}/gpu-check ${gpu.count} '${gpu.model}'`;
  const driver = pool.gpuDriver?.kind === "repository" ? pool.gpuDriver : undefined;
  return {
    programs: docker ? [GPU_PLUGIN, "nvidia-container-toolkit"] : [GPU_PLUGIN],
    settings: programSettings(pool, source, docker),
    files: [script("gpu-check", gpuCheck)],
    nvidiaRuntime: docker && hasNvidiaRuntime(pool),
    driver: driver === undefined ? [] : [gpuDriverFromRepository(driver.branch, source.kind === "repository")],
    ready: [...placed, check],
    check: `${check} start`,
  };
}

function programSettings(pool: Pool, source: InstallSource, docker: boolean): string[] {
  const toolkitVersion = docker ? [`gpu_toolkit_version=${GPU_TOOLKIT_VERSION}`] : [];
  switch (source.kind) {
    case "image":
      return [];
    case "repository":
      return [`gpu_plugin_version=${GPU_PLUGIN_VERSION}`, ...toolkitVersion];
    case "mirror": {
      const { sha256 } = source;
      const archive = gpuPluginArchive(pool);
      const toolkit = gpuToolkitFiles(pool).map((file) => `${file}:${sha256[file] ?? ""}`);
      return [
        `gpu_plugin_archive=${archive}`,
        `gpu_plugin_sha256=${sha256[archive] ?? ""}`,
        ...toolkitVersion,
        ...(docker ? [`gpu_toolkit='${toolkit.join(" ")}'`] : []),
      ];
    }
  }
}
