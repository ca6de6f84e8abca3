import { gpuOf } from "./hardware";
import type { Architecture, Hardware, Pool } from "./types";
import { GPU_PLUGIN_VERSION, GPU_TOOLKIT_VERSION } from "./versions";

/** Nomad's device plugin for NVIDIA, which must be configured by the name of its program. */
export const GPU_PLUGIN = "nomad-device-nvidia";

/** Packages of NVIDIA's container toolkit, which go together at one version. */
export const GPU_TOOLKIT_PACKAGES = [
  "libnvidia-container1",
  "libnvidia-container-tools",
  "nvidia-container-toolkit-base",
  "nvidia-container-toolkit",
] as const;

/** Models whose boards of eight are joined by NVSwitch. */
const NVSWITCH = ["a100-40gb", "a100-80gb", "h100-80gb", "h200-141gb", "b200-180gb"];

/** Whether Steppe sets up a pool's GPUs: they are there, and not left to the image. */
export function isManagedGpu({ hardware, gpuDriver }: Pool): boolean {
  return hardware.gpu !== undefined && gpuDriver?.kind !== "unmanaged";
}

/** Device plugin that the machines of a pool run; undefined for none. */
export function devicePluginOf(pool: Pool): string | undefined {
  if (isManagedGpu(pool)) return GPU_PLUGIN;
  return pool.gpuDriver?.kind === "unmanaged" ? pool.gpuDriver.devicePlugin : undefined;
}

/**
 * Whether Nomad knows a pool's GPUs as devices. Not without a device plugin; and the plugin that Steppe installs gives up on GPUs
 * that have no memory of their own, which the image's own may know.
 */
export function reportsGpus(pool: Pool): boolean {
  if (devicePluginOf(pool) === undefined) return false;
  return !(isManagedGpu(pool) && gpuOf(pool.hardware)?.unifiedMemory === true);
}

/** Meta of a pool's machines that says what GPUs they have, where Nomad does not know them as devices. Memory in MiB. */
export function gpuMeta(pool: Pool): Readonly<Record<string, string>> {
  const gpu = gpuOf(pool.hardware);
  if (gpu === undefined || reportsGpus(pool)) return {};
  const memory = gpu.unifiedMemory === true ? "gpu.unified_memory_mb" : "gpu.memory_mb";
  return { "gpu.model": gpu.model, "gpu.count": String(gpu.count), [memory]: String(gpu.memoryMiB) };
}

/** Whether containers use a pool's GPUs through NVIDIA's runtime. */
export function hasNvidiaRuntime({ hardware }: Pool): boolean {
  return hardware.gpu !== undefined && (gpuOf(hardware)?.vendor ?? "nvidia") === "nvidia";
}

/** GPUs behind NVSwitch need a program of the driver's version before anything can use them. */
export function needsFabricManager({ gpu }: Hardware): boolean {
  return typeof gpu?.model === "string" && gpu.count >= 8 && NVSWITCH.includes(gpu.model);
}

export function architectureOf({ hardware }: Pool): Architecture {
  return hardware.architecture ?? "amd64";
}

/** Archive with Nomad's device plugin, as HashiCorp names it. */
export function gpuPluginArchive(pool: Pool): string {
  return `${GPU_PLUGIN}_${GPU_PLUGIN_VERSION}_linux_${architectureOf(pool)}.zip`;
}

/** Packages of NVIDIA's container toolkit as files. */
export function gpuToolkitFiles(pool: Pool): readonly string[] {
  return GPU_TOOLKIT_PACKAGES.map((name) => `${name}_${GPU_TOOLKIT_VERSION}-1_${architectureOf(pool)}.deb`);
}

/** Files that machines of a pool take from a mirror for their GPUs. */
export function gpuFiles(pool: Pool): readonly string[] {
  return isManagedGpu(pool) ? [gpuPluginArchive(pool), ...(usesDocker(pool) ? gpuToolkitFiles(pool) : [])] : [];
}

function usesDocker({ drivers }: Pool): boolean {
  return drivers?.includes("docker") ?? true;
}
