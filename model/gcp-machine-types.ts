import type { MachineGpu, MachineType, MachineTypes } from "./machine-type-rules";
import type { Architecture } from "./types";

/** Families by memory per vCPU, GiB. */
interface Family {
  readonly vcpus: readonly number[];
  /** Memory per vCPU by kind, GiB. Shape: `{ standard: 4 }`. */
  readonly gibPerVcpu: Readonly<Record<string, number>>;
  /** @default "amd64" */
  readonly architecture?: Architecture;
}

const FAMILIES: Readonly<Record<string, readonly Family[]>> = {
  e2: [
    { vcpus: [2, 4, 8, 16, 32], gibPerVcpu: { standard: 4, highcpu: 1 } },
    { vcpus: [2, 4, 8, 16], gibPerVcpu: { highmem: 8 } },
  ],
  n1: [
    { vcpus: [1], gibPerVcpu: { standard: 3.75 } },
    { vcpus: [2, 4, 8, 16, 32, 64, 96], gibPerVcpu: { standard: 3.75, highmem: 6.5, highcpu: 0.9 } },
  ],
  n2: [
    { vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96], gibPerVcpu: { standard: 4, highmem: 8, highcpu: 1 } },
    { vcpus: [128], gibPerVcpu: { standard: 4, highmem: 6.75 } },
  ],
  n2d: [
    { vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96], gibPerVcpu: { standard: 4, highmem: 8, highcpu: 1 } },
    { vcpus: [128, 224], gibPerVcpu: { standard: 4, highcpu: 1 } },
  ],
  n4: [{ vcpus: [2, 4, 8, 16, 32, 48, 64, 80], gibPerVcpu: { standard: 4, highmem: 8, highcpu: 2 } }],
  c3: [{ vcpus: [4, 8, 22, 44, 88, 176], gibPerVcpu: { standard: 4, highmem: 8, highcpu: 2 } }],
  t2d: [{ vcpus: [1, 2, 4, 8, 16, 32, 48, 60], gibPerVcpu: { standard: 4 } }],
  t2a: [{ vcpus: [1, 2, 4, 8, 16, 32, 48], gibPerVcpu: { standard: 4 }, architecture: "arm64" }],
  c4a: [
    {
      vcpus: [1, 2, 4, 8, 16, 32, 48, 64, 72],
      gibPerVcpu: { standard: 4, highmem: 8, highcpu: 2 },
      architecture: "arm64",
    },
  ],
};

/** Types that share a core. Shape of a value: `[vCPUs, GiB]`. */
const SHARED_CORE = { "e2-micro": [2, 1], "e2-small": [2, 2], "e2-medium": [2, 4] } as const;

/** Types with GPUs built in, by model. Shape of a value: `[GPUs, vCPUs, GiB]`. */
const GPU_TYPES: Readonly<
  Record<string, Readonly<Record<string, readonly [gpus: number, vcpus: number, gib: number]>>>
> = {
  "l4-24gb": {
    "g2-standard-4": [1, 4, 16],
    "g2-standard-8": [1, 8, 32],
    "g2-standard-12": [1, 12, 48],
    "g2-standard-16": [1, 16, 64],
    "g2-standard-24": [2, 24, 96],
    "g2-standard-32": [1, 32, 128],
    "g2-standard-48": [4, 48, 192],
    "g2-standard-96": [8, 96, 384],
  },
  "a100-40gb": {
    "a2-highgpu-1g": [1, 12, 85],
    "a2-highgpu-2g": [2, 24, 170],
    "a2-highgpu-4g": [4, 48, 340],
    "a2-highgpu-8g": [8, 96, 680],
    "a2-megagpu-16g": [16, 96, 1360],
  },
  "a100-80gb": {
    "a2-ultragpu-1g": [1, 12, 170],
    "a2-ultragpu-2g": [2, 24, 340],
    "a2-ultragpu-4g": [4, 48, 680],
    "a2-ultragpu-8g": [8, 96, 1360],
  },
  "h100-80gb": {
    "a3-highgpu-1g": [1, 26, 234],
    "a3-highgpu-2g": [2, 52, 468],
    "a3-highgpu-4g": [4, 104, 936],
    "a3-highgpu-8g": [8, 208, 1872],
    "a3-megagpu-8g": [8, 208, 1872],
    "a3-edgegpu-8g": [8, 208, 1872],
  },
  "h200-141gb": { "a3-ultragpu-8g": [8, 224, 2952] },
  "b200-180gb": { "a4-highgpu-8g": [8, 224, 3968] },
};

/**
 * Machine types of Compute Engine that Steppe knows: those with NVIDIA GPUs and the usual ones without. Google has many more.
 *
 * @see https://cloud.google.com/compute/docs/machine-resource
 * @see https://cloud.google.com/compute/docs/gpus
 */
export const GCP_MACHINE_TYPES: MachineTypes = new Map([
  ...Object.entries(FAMILIES).flatMap(([series, families]) =>
    families.flatMap(({ vcpus, gibPerVcpu, architecture }) =>
      Object.entries(gibPerVcpu).flatMap(([kind, gib]) =>
        vcpus.map((count) => entry(`${series}-${kind}-${count}`, count, count * gib, { architecture })),
      ),
    ),
  ),
  ...Object.entries(SHARED_CORE).map(([name, [vcpus, gib]]) => entry(name, vcpus, gib)),
  ...Object.entries(GPU_TYPES).flatMap(([model, types]) =>
    Object.entries(types).map(([name, [count, vcpus, gib]]) => entry(name, vcpus, gib, { gpu: { model, count } })),
  ),
]);

function entry(
  name: string,
  vcpus: number,
  memoryGiB: number,
  { architecture = "amd64", gpu }: { readonly architecture?: Architecture | undefined; readonly gpu?: MachineGpu } = {},
): readonly [string, MachineType] {
  return [name, { architecture, vcpus, memoryGiB, ...(gpu === undefined ? {} : { gpu }) }];
}

/** Series of Google's Arm processors. @see https://cloud.google.com/compute/docs/instances/arm-on-compute */
const ARM_SERIES = ["t2a", "c4a", "n4a", "a4x"];

/** Series that take no Persistent Disk, by the beginning of their types. @see https://cloud.google.com/compute/docs/disks/hyperdisks */
const HYPERDISK_ONLY = /^(n4[ad]?|c4[ad]?|a3-ultragpu|a4x?|h4d)-/;

/** Series of a machine type. Shape: `n2`. @returns undefined for what is not named like a machine type. */
export function seriesOf(machineType: string): string | undefined {
  return /^([a-z]\d+[a-z]*)(-[a-z0-9]+)+$/.exec(machineType)?.[1];
}

/** Architecture of a machine type, by its series. @returns undefined for what is not named like one. */
export function gcpArchitectureOf(machineType: string): Architecture | undefined {
  const series = seriesOf(machineType);
  if (series === undefined) return undefined;
  return ARM_SERIES.includes(series) ? "arm64" : "amd64";
}

/** Type of the disks that machines of a type take. */
export function gcpDiskType(machineType: string): "hyperdisk-balanced" | "pd-balanced" {
  return HYPERDISK_ONLY.test(machineType) ? "hyperdisk-balanced" : "pd-balanced";
}
