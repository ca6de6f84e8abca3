import type { MachineGpu, MachineType, MachineTypes } from "./machine-type-rules";
import type { Architecture } from "./types";

/** vCPUs by size, where a family keeps to AWS's usual ladder. */
const SIZES = {
  medium: 1,
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
  "24xlarge": 96,
  "32xlarge": 128,
  "48xlarge": 192,
} as const;
type Size = keyof typeof SIZES;

const X86: readonly Size[] = [
  "large",
  "xlarge",
  "2xlarge",
  "4xlarge",
  "8xlarge",
  "12xlarge",
  "16xlarge",
  "24xlarge",
  "48xlarge",
];
const ICE_LAKE: readonly Size[] = [...X86.slice(0, -1), "32xlarge"];
const GRAVITON: readonly Size[] = ["medium", ...X86.slice(0, -2)];

/** Families of the usual ladder: memory per vCPU, and the sizes that there are. */
const FAMILIES: Readonly<Record<string, { readonly gibPerVcpu: number; readonly sizes: readonly Size[] }>> = {
  c6i: { gibPerVcpu: 2, sizes: ICE_LAKE },
  m6i: { gibPerVcpu: 4, sizes: ICE_LAKE },
  r6i: { gibPerVcpu: 8, sizes: ICE_LAKE },
  c7i: { gibPerVcpu: 2, sizes: X86 },
  m7i: { gibPerVcpu: 4, sizes: X86 },
  r7i: { gibPerVcpu: 8, sizes: X86 },
  c6g: { gibPerVcpu: 2, sizes: GRAVITON },
  m6g: { gibPerVcpu: 4, sizes: GRAVITON },
  r6g: { gibPerVcpu: 8, sizes: GRAVITON },
  c7g: { gibPerVcpu: 2, sizes: GRAVITON },
  m7g: { gibPerVcpu: 4, sizes: GRAVITON },
  r7g: { gibPerVcpu: 8, sizes: GRAVITON },
  c8g: { gibPerVcpu: 2, sizes: ["medium", ...X86] },
  m8g: { gibPerVcpu: 4, sizes: ["medium", ...X86] },
  r8g: { gibPerVcpu: 8, sizes: ["medium", ...X86] },
};

/** Burstable families share their sizes. Shape of a value: `[vCPUs, GiB]`. */
const BURSTABLE = {
  nano: [2, 0.5],
  micro: [2, 1],
  small: [2, 2],
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  "2xlarge": [8, 32],
} as const;

/** GPU families by model. Shape of a size: `[GPUs, vCPUs, GiB]`. */
const GPU_TYPES: Readonly<
  Record<string, Readonly<Record<string, readonly [gpus: number, vcpus: number, gib: number]>>>
> = {
  "t4-16gb": {
    "g4dn.xlarge": [1, 4, 16],
    "g4dn.2xlarge": [1, 8, 32],
    "g4dn.4xlarge": [1, 16, 64],
    "g4dn.8xlarge": [1, 32, 128],
    "g4dn.16xlarge": [1, 64, 256],
    "g4dn.12xlarge": [4, 48, 192],
    "g4dn.metal": [8, 96, 384],
  },
  "a10g-24gb": {
    "g5.xlarge": [1, 4, 16],
    "g5.2xlarge": [1, 8, 32],
    "g5.4xlarge": [1, 16, 64],
    "g5.8xlarge": [1, 32, 128],
    "g5.16xlarge": [1, 64, 256],
    "g5.12xlarge": [4, 48, 192],
    "g5.24xlarge": [4, 96, 384],
    "g5.48xlarge": [8, 192, 768],
  },
  "l4-24gb": {
    "g6.xlarge": [1, 4, 16],
    "g6.2xlarge": [1, 8, 32],
    "g6.4xlarge": [1, 16, 64],
    "g6.8xlarge": [1, 32, 128],
    "g6.16xlarge": [1, 64, 256],
    "g6.12xlarge": [4, 48, 192],
    "g6.24xlarge": [4, 96, 384],
    "g6.48xlarge": [8, 192, 768],
  },
  "l40s-48gb": {
    "g6e.xlarge": [1, 4, 32],
    "g6e.2xlarge": [1, 8, 64],
    "g6e.4xlarge": [1, 16, 128],
    "g6e.8xlarge": [1, 32, 256],
    "g6e.16xlarge": [1, 64, 512],
    "g6e.12xlarge": [4, 48, 384],
    "g6e.24xlarge": [4, 96, 768],
    "g6e.48xlarge": [8, 192, 1536],
  },
  "a100-40gb": { "p4d.24xlarge": [8, 96, 1152] },
  "a100-80gb": { "p4de.24xlarge": [8, 96, 1152] },
  "h100-80gb": { "p5.4xlarge": [1, 16, 256], "p5.48xlarge": [8, 192, 2048] },
  "h200-141gb": { "p5e.48xlarge": [8, 192, 2048], "p5en.48xlarge": [8, 192, 2048] },
  "b200-180gb": { "p6-b200.48xlarge": [8, 192, 2048] },
};

/**
 * EC2 instance types that Steppe knows: those with NVIDIA GPUs and the usual ones without. AWS has many more.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
 */
export const INSTANCE_TYPES: MachineTypes = new Map([
  ...Object.entries(FAMILIES).flatMap(([family, { gibPerVcpu, sizes }]) =>
    sizes.map((size) => entry(`${family}.${size}`, SIZES[size], SIZES[size] * gibPerVcpu)),
  ),
  ...["t3", "t3a", "t4g"].flatMap((family) =>
    Object.entries(BURSTABLE).map(([size, [vcpus, gib]]) => entry(`${family}.${size}`, vcpus, gib)),
  ),
  ...Object.entries(GPU_TYPES).flatMap(([model, types]) =>
    Object.entries(types).map(([name, [count, vcpus, gib]]) => entry(name, vcpus, gib, { model, count })),
  ),
]);

function entry(name: string, vcpus: number, memoryGiB: number, gpu?: MachineGpu): readonly [string, MachineType] {
  const architecture = architectureOf(name) ?? "amd64";
  return [name, { architecture, vcpus, memoryGiB, ...(gpu === undefined ? {} : { gpu }) }];
}

/**
 * Architecture of an instance type, by its family: a `g` behind the generation (`m7g`, `c7gn`, `g5g`, `im4gn`) is Graviton.
 *
 * @returns undefined for what is not named like an instance type of EC2, and for Macs.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function architectureOf(instanceType: string): Architecture | undefined {
  const parts = /^([a-z]+)(\d+)([a-z]*)(-[a-z0-9-]+)?\.(metal|[a-z0-9-]+)$/.exec(instanceType);
  if (parts === null || parts[1] === "mac") return undefined;
  const [, series = "", generation = "", attributes = "", suffix = ""] = parts;
  const isArm = attributes.includes("g") || `${series}${generation}` === "a1" || suffix.startsWith("-gb");
  return isArm ? "arm64" : "amd64";
}
