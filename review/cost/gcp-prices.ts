import { GCP_MACHINE_TYPES } from "../../model/gcp-machine-types";
import type { Price, Prices } from "./types";

/** Region of the prices; others differ by a fifth or so. */
export const GCP_PRICE_REGION = "us-central1";

const LIST = { source: "https://cloud.google.com/compute/all-pricing", date: "2025-03-06" } as const;

/** Google prices vCPUs and memory apart. Shape of a value: USD per hour of a vCPU, and of a GiB. */
const PARTS: Readonly<Record<string, readonly [perVcpu: number, perGib: number]>> = {
  "e2-standard": [0.02181159, 0.00292353],
  "e2-highmem": [0.02181159, 0.00292353],
  "e2-highcpu": [0.02181159, 0.00292353],
  "n1-standard": [0.031611, 0.004237],
  "n2-standard": [0.031611, 0.004237],
  "n2-highmem": [0.031611, 0.004237],
  "n2d-standard": [0.027502, 0.003686],
  "n2d-highmem": [0.027502, 0.003686],
  "t2d-standard": [0.027502, 0.003686],
  "g2-standard": [0.024988, 0.002927],
  "a2-highgpu": [0.031611, 0.004237],
  "a2-megagpu": [0.031611, 0.004237],
};

/** USD per hour of a GPU, by model, where a type is priced in parts. */
const GPU: Readonly<Record<string, number>> = { "l4-24gb": 0.56004, "a100-40gb": 2.933908 };

/** USD per hour of a T4 beside a machine of the N1 series. */
const T4: Price = {
  usdPerHour: 0.35,
  source: "https://cloud.google.com/compute/gpus-pricing",
  date: "2025-03-06",
};

/** Types that are priced whole, with their local disks. */
const WHOLE: Readonly<Record<string, number>> = {
  "e2-micro": 0.00837643,
  "e2-small": 0.01675286,
  "e2-medium": 0.03350571,
  "a2-ultragpu-1g": 5.06879789,
  "a2-ultragpu-2g": 10.13759578,
  "a2-ultragpu-4g": 20.27519156,
  "a2-ultragpu-8g": 40.55038312,
};

/** Prices of machine types of Compute Engine. Series whose parts are not listed here are not known. */
export const GCP_PRICES: Prices = new Map<string, Price>([
  ...[...GCP_MACHINE_TYPES].flatMap(([name, { vcpus, memoryGiB, gpu }]): readonly (readonly [string, Price])[] => {
    const parts = PARTS[name.replace(/-\d+g?$/, "")];
    const perGpu = gpu === undefined ? 0 : GPU[gpu.model];
    if (parts === undefined || perGpu === undefined) return [];
    const usdPerHour = vcpus * parts[0] + memoryGiB * parts[1] + (gpu?.count ?? 0) * perGpu;
    return [[name, { ...LIST, usdPerHour }]];
  }),
  ...Object.entries(WHOLE).map(([name, usdPerHour]) => [name, { ...LIST, usdPerHour }] as const),
]);

/** Prices of GPUs that machines of the N1 series have beside their type, by model. */
export const N1_GPU_PRICES: Prices = new Map([["t4-16gb", T4]]);
