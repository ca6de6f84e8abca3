import { gpuRequestProblems } from "../../../constructs/ai/base/gpu-problems";
import { gpuRequest } from "../../../constructs/ai/base/gpus";
import { formatProblem } from "../../../constructs/core/problems";
import type { Group } from "../../../constructs/jobspec/group";
import { fitsPool } from "../../../constructs/jobspec/placement/placeable";
import { clientConfig } from "../../../constructs/machine/agent-config";
import { fleet as example } from "../../../fleets/example";
import type { Fleet, Pool } from "../../../model/types";
import { placementFleet } from "../../jobspec/placement/fleet";

const fleet = placementFleet({ cpuMHz: 4000, cores: 2 });
const poolOf = (name: string, of: Fleet = fleet): Pool => of.pools[name]!;

/** How a job with so many GPUs per task fares in a pool of the placement fleet. */
function placed(pool: string, gpus: number, count = 1) {
  const { devices, constraints } = gpuRequest(poolOf(pool), gpus);
  const group: Group = {
    count,
    constraints,
    tasks: {
      main: {
        driver: "raw_exec",
        config: { command: "/bin/true" },
        resources: { devices, cpu: "100MHz", memory: "32MiB" },
      },
    },
  };
  return fitsPool({ id: "a", region: "east", nodePool: pool, groups: { main: group } }, fleet, pool)[0];
}

describe("gpuRequest", () => {
  test("asks for whole GPUs by vendor", () => {
    expect(gpuRequest(poolOf("gpu"), 2)).toMatchObject({
      devices: [{ name: "nvidia/gpu", count: 2 }],
      constraints: [],
      allow: [],
      container: { runtime: "nvidia" },
    });
    expect(gpuRequest(poolOf("amd"), 4)).toMatchObject({ devices: [{ name: "amd/gpu", count: 4 }], container: {} });
  });

  test("asks for slices by the name that the plugin gives them", () => {
    const { devices, gpu } = gpuRequest(poolOf("mig"), 1);
    expect(devices).toEqual([{ name: "nvidia/gpu/NVIDIA H100 80GB HBM3 MIG 1g.10gb", count: 1 }]);
    expect(gpu).toMatchObject({ memoryMiB: 9984, count: 14 });
  });

  test("counts on less than the name of a profile says where the fleet does not say its memory", () => {
    const gpu = { model: "h200-141gb", count: 1, mig: { profile: "1g.18gb", count: 7 } } as const;
    // The driver gives 16 GiB.
    expect(gpuRequest({ ...poolOf("mig"), hardware: { cpuMHz: 1, memoryMiB: 1, gpu } }, 1).gpu?.memoryMiB).toBe(16_200);
  });

  test("goes by meta where no plugin reports the GPU", () => {
    expect(gpuRequest(poolOf("spark"), 1)).toMatchObject({
      devices: [],
      constraints: [
        { attribute: "${meta.gpu.model}", value: "NVIDIA GB10" },
        { attribute: "${meta.gpu.count}", value: "1" },
        { attribute: "${meta.gpu.unified_memory_mb}", value: "122880" },
        { operator: "distinct_hosts" },
      ],
      allow: [{ rule: "gpu-without-device" }],
      container: { runtime: "nvidia" },
    });
  });

  test("goes by meta where the plugin that Steppe installs does not know the GPU, and by device where the image's does", () => {
    const spark = poolOf("edge", example);
    expect(gpuRequest(spark, 1).devices).toEqual([{ name: "nvidia/gpu", count: 1 }]);
    expect(gpuRequest({ ...spark, gpuDriver: { kind: "image" } }, 1)).toMatchObject({
      devices: [],
      constraints: expect.arrayContaining([{ operator: "distinct_hosts" }]) as unknown,
    });
  });

  test("asks for nothing on the CPU", () => {
    expect(gpuRequest(poolOf("gpu"), 0)).toMatchObject({
      devices: [],
      constraints: [],
      allow: [],
      container: {},
      env: {},
    });
  });

  test("the fleet writes the meta that it goes by, and only where it is needed", () => {
    const metaOf = (pool: string) =>
      (clientConfig(fleet, pool, "/var/lib")["client"] as { meta: Record<string, string> }).meta;
    expect(metaOf("spark")).toMatchObject({ "gpu.model": "NVIDIA GB10", "gpu.unified_memory_mb": "122880" });
    expect(Object.keys(metaOf("gpu")).filter((key) => key.startsWith("gpu."))).toEqual([]);
  });

  test.each<[string, number, number, string]>([
    ["gpu", 2, 2, "yes"],
    ["gpu", 2, 3, "some"],
    ["mig", 1, 14, "yes"],
    ["mig", 1, 15, "some"],
    ["spark", 1, 2, "yes"],
    ["spark", 1, 3, "some"],
  ])("in %s, %i for each of %i: %s", (pool, gpus, count, verdict) => {
    expect(placed(pool, gpus, count)?.verdict).toBe(verdict);
  });
});

describe("gpuRequestProblems", () => {
  const problems = (of: Fleet, region: string, poolName: string, count: number, more: object = {}) =>
    gpuRequestProblems({ fleet: of, region, poolName, pool: poolOf(poolName, of), count, ...more }).map(formatProblem);

  test.each<[string, Fleet, string, string, number, object, string[]]>([
    ["what a machine has", example, "eu-onprem", "h100", 8, { architectures: ["amd64"] }, []],
    ["no GPU at all", example, "eu-aws", "graviton", 0, { architectures: ["amd64", "arm64"] }, []],
    [
      "a GPU where there is none",
      example,
      "eu-aws",
      "graviton",
      1,
      {},
      [
        "gpus: must be 0: machines of pool graviton have no GPU, got 1; run it in l4-spot (1 x NVIDIA L4) or l40s (4 x NVIDIA L40S)",
      ],
    ],
    [
      "more GPUs than a machine has",
      example,
      "eu-aws",
      "l4-spot",
      2,
      {},
      [
        "gpus: must be at most 1, the GPUs of a machine of pool l4-spot (NVIDIA L4), got 2; run it in l40s (4 x NVIDIA L40S)",
      ],
    ],
    [
      "more GPUs than any machine of the region has",
      example,
      "eu-aws",
      "l40s",
      8,
      { path: "props.gpus" },
      [
        "props.gpus: must be at most 4, the GPUs of a machine of pool l40s (NVIDIA L40S), got 8; no pool of region eu-aws has 8 GPUs in a machine: ask for fewer, or use another region",
      ],
    ],
    [
      "an image of another architecture",
      example,
      "eu-onprem",
      "edge",
      1,
      { architectures: ["amd64"] },
      ['pool: has arm64 machines, and the image is for amd64, got "edge"; use an image for arm64, or run it in h100'],
    ],
    [
      "slices together",
      fleet,
      "east",
      "mig",
      2,
      {},
      [
        "gpus: must be 1: GPUs of pool mig are cut into slices (1g.10gb), and a program uses one slice, got 2; run it in gpu (2 x NVIDIA H100 80GB HBM3) or amd (4 x Instinct MI300X)",
      ],
    ],
    [
      "half a GPU",
      example,
      "eu-onprem",
      "h100",
      0.5,
      {},
      ["gpus: must be a whole number from 0, got 0.5; use 0 to run on the CPU"],
    ],
  ])("says of %s", (_, of, region, pool, count, more, expected) => {
    expect(problems(of, region, pool, count, more)).toEqual(expected);
  });

  test("a task takes all GPUs of a machine that no plugin reports", () => {
    const pool: Pool = {
      ...poolOf("spark"),
      hardware: { cpuMHz: 1, memoryMiB: 1, gpu: { model: "l4-24gb", count: 2 } },
    };
    expect(gpuRequestProblems({ fleet, region: "east", poolName: "spark", pool, count: 1 }).map(formatProblem)).toEqual(
      [
        "gpus: must be 2: no device plugin reports the GPUs of pool spark, so a task gets all of its machine's, got 1; use 2, or name the image's plugin in gpuDriver.devicePlugin",
      ],
    );
  });
});
