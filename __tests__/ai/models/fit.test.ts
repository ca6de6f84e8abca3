import * as fc from "fast-check";
import { formatProblem } from "../../../constructs/core/problems";
import { MODEL_CATALOGUE } from "../../../constructs/ai/models/catalogue";
import { type FitQuestion, modelFits, modelFitsMemory, poolsThatFit } from "../../../constructs/ai/models/fit";
import { canShareLayers, parallelism, parallelismProblems } from "../../../constructs/ai/models/parallelism";
import { roomOf } from "../../../constructs/ai/models/room";
import { fleet } from "../../../fleets/example";
import { GPU_CATALOGUE } from "../../../model/hardware";
import type { GpuSpec } from "../../../model/types";
import { shape } from "./published";

const gpu = (name: string): GpuSpec => GPU_CATALOGUE[name]!;
const ask = (more: Partial<FitQuestion>): string[] =>
  modelFits({
    model: "Qwen/Qwen3-8B",
    gpu: gpu("l4-24gb"),
    gpus: 1,
    contextTokens: 8192,
    ...more,
  }).map(formatProblem);

describe("modelFits", () => {
  test("is content with a model that fits", () => {
    expect(ask({ gpu: gpu("l40s-48gb") })).toEqual([]);
  });

  test("says the sum, the room, and every way out", () => {
    expect(
      ask({
        model: "Qwen/Qwen2.5-72B-Instruct",
        gpu: gpu("h100-80gb"),
        gpusPerMachine: 8,
        contextTokens: 16_384,
        concurrency: 4,
        fleet,
        region: "eu-onprem",
        path: "props",
      }),
    ).toMatchInlineSnapshot(`
     [
       "props.model: must fit 1 GPU NVIDIA H100 80GB HBM3, each of which has 71.7 GiB for it (79.6 GiB × 0.9): it takes weights 135.4 (bf16) + KV cache 20.0 (4 × 16384 tokens) + activations 1.6 + engine 1.0 = 158.1 GiB, got "Qwen/Qwen2.5-72B-Instruct"; use 4 GPUs, or run it in h100 (4 GPUs) [model-memory]",
     ]
    `);
  });

  test("names the longest context where that is enough", () => {
    expect(ask({ contextTokens: 32_768, concurrency: 4 })).toMatchInlineSnapshot(`
     [
       "model: must fit 1 GPU NVIDIA L4, each of which has 20.2 GiB for it (22.5 GiB × 0.9): it takes weights 15.3 (bf16) + KV cache 18.0 (4 × 32768 tokens) + activations 0.8 + engine 1.0 = 35.1 GiB, got "Qwen/Qwen3-8B"; set contextTokens to 5120 [model-memory]",
     ]
    `);
  });

  test("says so where no pool of the region holds the model", () => {
    const model = "deepseek-ai/DeepSeek-V3";
    expect(ask({ model, gpu: gpu("l40s-48gb"), gpus: 4, fleet, region: "eu-aws" })).toMatchInlineSnapshot(`
     [
       "model: must fit 4 GPUs NVIDIA L40S, each of which has 40.5 GiB for it (45.0 GiB × 0.9): it takes weights 156.7 (fp8) + KV cache 0.5 (1 × 8192 tokens) + activations 0.4 + engine 1.5 = 159.1 GiB of each, got "deepseek-ai/DeepSeek-V3"; no pool of region eu-aws holds it on one machine: use a smaller model or format [model-memory]",
     ]
    `);
  });

  test("warns where long sequences have to wait, with engines that let them", () => {
    const question = { model: "Qwen/Qwen3-8B", gpu: gpu("l40s-48gb"), gpus: 1, contextTokens: 32_768, concurrency: 16 };
    const [problem, ...more] = modelFits(question);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ severity: "warning", name: "model-concurrency" });
    expect(formatProblem(problem!)).toBe(
      "concurrency: has memory for 5 of 16 sequences of 32768 tokens, and lets others wait when they are so long: weights 15.3 (bf16) + KV cache 72.0 (16 × 32768 tokens) + activations 0.8 + engine 1.0 = 89.1 GiB, of 40.5 (45.0 GiB × 0.9), got 16; lower it to 5, or contextTokens, or use more GPUs [model-concurrency]",
    );
    expect(modelFits({ ...question, concurrency: 5 }).map(({ name }) => name)).not.toContain("model-concurrency");
    expect(modelFits({ ...question, engine: "llama.cpp" })).toMatchObject([{ name: "model-memory" }]);
  });

  test("warns where it is tight", () => {
    const [problem] = modelFits({
      model: "Qwen/Qwen3-8B",
      gpu: gpu("l4-24gb"),
      gpus: 1,
      contextTokens: 16_384,
    });
    expect(problem).toMatchObject({ severity: "warning", name: "model-tight", path: "model" });
    expect(formatProblem(problem!)).toMatchInlineSnapshot(
      `"model: leaves 948 MiB of the 20.2 GiB of a NVIDIA L4 (22.5 GiB × 0.9), less than the sum can be off: weights 15.3 (bf16) + KV cache 2.3 (1 × 16384 tokens) + activations 0.8 + engine 1.0 = 19.3 GiB, got "Qwen/Qwen3-8B"; lower contextTokens or concurrency [model-tight]"`,
    );
  });

  test("leaves memory to the system that shares it", () => {
    const gb10 = roomOf(gpu("gb10-128gb"));
    expect(gb10).toEqual({
      roomMiB: 122_880 * 0.84,
      utilization: 0.84,
      because: "120.0 GiB × 0.84, less 8 GiB for the system that shares it",
    });
    expect(roomOf(gpu("h100-80gb")).utilization).toBe(0.9);
    const dedicated = { ...gpu("gb10-128gb"), unifiedMemory: false };
    const model = "openai/gpt-oss-120b";
    const question = { model, gpus: 1, contextTokens: 131_072, concurrency: 7 };
    expect(modelFits({ ...question, gpu: dedicated }).map(({ severity }) => severity)).not.toContain("error");
    expect(modelFits({ ...question, gpu: dedicated }).length).toBeLessThanOrEqual(
      modelFits({ ...question, gpu: gpu("gb10-128gb") }).length,
    );
  });

  test.each<[string, Partial<FitQuestion>, string]>([
    [
      "a name that is not in the catalogue",
      { model: "qwen3-8b" },
      'model: must be a model of the catalogue or a shape given in full, so that its memory can be told, got "qwen3-8b"; write Qwen/Qwen3-8B, or give a ModelShape with the numbers of its config.json',
    ],
    [
      "a context that the model does not have",
      { contextTokens: 131_072 },
      "contextTokens: must be a whole number from 1 to 40960, the longest context of Qwen/Qwen3-8B, got 131072",
    ],
    ["no concurrency", { concurrency: 0 }, "concurrency: must be a whole number from 1, got 0"],
    [
      "more GPUs than a machine has",
      { gpus: 8, gpusPerMachine: 4, machines: 1 },
      "gpus: must be at most 4: a machine has 4, got 8; spread it over 2 machines, or use a pool with more GPUs per machine",
    ],
    [
      "GPUs that do not divide over machines",
      { gpus: 9, gpusPerMachine: 8 },
      "gpus: must be a multiple of the 2 machines that it is spread over, got 9; use 10",
    ],
    [
      "slices that are to work together",
      { gpus: 2, gpu: { ...gpu("h100-80gb"), mig: { profile: "1g.10gb", count: 7 } } },
      "gpus: must be 1 with MIG slices, which cannot work together on one model, got 2; use a larger slice, or whole GPUs",
    ],
  ])("refuses %s", (_, more, message) => {
    expect(ask(more)).toEqual([message]);
  });

  test("accepts a shape that the catalogue does not know", () => {
    const model = { ...shape("Qwen/Qwen3-8B"), repository: "us/ours" };
    expect(ask({ model, gpu: gpu("h100-80gb") })).toEqual([]);
  });

  test("what it proposes fits", () => {
    const questions = fc.record({
      model: fc.constantFrom(...Object.keys(MODEL_CATALOGUE)),
      gpu: fc.constantFrom(...Object.values(GPU_CATALOGUE)),
      concurrency: fc.integer({ min: 1, max: 64 }),
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    let proposals = 0;
    fc.assert(
      fc.property(questions, ({ share, ...rest }) => {
        const contextTokens = Math.max(1024, Math.floor(shape(rest.model).maxContextTokens * share));
        const question = { ...rest, contextTokens, gpus: 1, gpusPerMachine: 8 };
        const [fix = ""] = modelFits(question).flatMap((problem) => (problem.severity ? [] : [problem.fix ?? ""]));
        const errors = (more: object) =>
          modelFits({ ...question, ...more }).filter((problem) => problem.severity === undefined);
        const [, gpus] = /use (\d+) GPUs/.exec(fix) ?? [];
        const [, context] = /contextTokens to (\d+)/.exec(fix) ?? [];
        expect(gpus === undefined ? [] : errors({ gpus: Number(gpus) })).toEqual([]);
        expect(context === undefined ? [] : errors({ contextTokens: Number(context) })).toEqual([]);
        proposals += gpus === undefined && context === undefined ? 0 : 1;
      }),
      { numRuns: 400, seed: 9 },
    );
    expect(proposals).toBeGreaterThan(50);
  });
});

test("poolsThatFit names pools of a region with the fewest GPUs that do", () => {
  const named = (region: string | undefined, model: string) =>
    poolsThatFit(fleet, region, { model, contextTokens: 8192 }).map(({ pool, gpus }) => [pool, gpus]);
  expect(named("eu-aws", "Qwen/Qwen3-32B")).toEqual([["l40s", 2]]);
  expect(named("eu-onprem", "Qwen/Qwen3-32B")).toEqual([
    ["h100", 1],
    ["edge", 1],
  ]);
  expect(named(undefined, "meta-llama/Llama-3.1-405B-Instruct")).toEqual([]);
  expect(named("eu-aws", "no/such")).toEqual([]);
});

describe("modelFitsMemory", () => {
  const llama = { model: "meta-llama/Llama-3.1-8B-Instruct", format: "gguf-q4_k_m" } as const;

  test("is content with a task that has enough", () => {
    expect(modelFitsMemory({ ...llama, contextTokens: 4096, memoryMiB: 8192 })).toEqual([]);
  });

  test("says what a task without enough lacks", () => {
    expect(modelFitsMemory({ ...llama, contextTokens: 32_768, memoryMiB: 8192 }).map(formatProblem))
      .toMatchInlineSnapshot(`
     [
       "model: must fit the task's memory of 8.0 GiB, and takes 9.1: weights 4.6 (gguf-q4_k_m) + KV cache 4.0 (1 × 32768 tokens) + activations 0.1 + engine 0.5 = 9.1 GiB, got "meta-llama/Llama-3.1-8B-Instruct"; ask for 9342 MiB, or set contextTokens to 23552, or use a smaller model or format [model-memory]",
     ]
    `);
  });

  test("refuses models and contexts that there are not", () => {
    expect(modelFitsMemory({ model: "x/y", contextTokens: 1, memoryMiB: 1 }).map(({ path }) => path)).toEqual([
      "model",
    ]);
    expect(modelFitsMemory({ ...llama, contextTokens: 0, memoryMiB: 1 }).map(({ path }) => path)).toEqual([
      "contextTokens",
    ]);
  });
});

describe("parallelism", () => {
  const spread = (model: string, gpus: number, gpusPerMachine = 8, machines?: number) =>
    parallelism({ model: shape(model), gpus, gpusPerMachine, ...(machines !== undefined && { machines }) });

  test.each<[string, number, number, number | undefined, [number, number]]>([
    ["Qwen/Qwen3-32B", 1, 8, undefined, [1, 1]],
    ["Qwen/Qwen3-32B", 8, 8, undefined, [8, 1]],
    ["Qwen/Qwen3-32B", 8, 4, undefined, [4, 2]],
    ["Qwen/Qwen3-32B", 16, 8, undefined, [8, 2]],
    ["Qwen/Qwen3-32B", 6, 8, undefined, [2, 3]],
    ["Qwen/Qwen3-32B", 4, 8, 2, [2, 2]],
    ["Qwen/Qwen3-14B", 8, 8, undefined, [8, 1]],
    // Ten heads for keys and values: two, five or ten GPUs can share them.
    ["microsoft/phi-4", 4, 8, undefined, [2, 2]],
    ["microsoft/phi-4", 5, 8, undefined, [5, 1]],
    ["HuggingFaceTB/SmolLM2-135M-Instruct", 2, 8, undefined, [1, 2]],
  ])("%s on %i GPUs, %i per machine", (model, gpus, each, machines, [tensorParallel, pipelineParallel]) => {
    expect(spread(model, gpus, each, machines)).toEqual({ tensorParallel, pipelineParallel });
  });

  test("uses all GPUs, shares layers only inside a machine, and only as heads allow", () => {
    const options = fc.record({
      model: fc.constantFrom(...Object.values(MODEL_CATALOGUE)),
      gpusPerMachine: fc.integer({ min: 1, max: 8 }),
      gpus: fc.integer({ min: 1, max: 32 }),
    });
    fc.assert(
      fc.property(options, (each) => {
        fc.pre(parallelismProblems(each).length === 0);
        const { tensorParallel, pipelineParallel } = parallelism(each);
        expect(tensorParallel * pipelineParallel).toBe(each.gpus);
        expect(tensorParallel).toBeLessThanOrEqual(each.gpusPerMachine);
        expect(canShareLayers(each.model, tensorParallel)).toBe(true);
      }),
    );
  });

  test("refuses what it cannot spread", () => {
    const problems = (gpus: number, machines?: number) =>
      parallelismProblems({
        model: shape("Qwen/Qwen3-8B"),
        gpus,
        gpusPerMachine: 2,
        ...(machines !== undefined && { machines }),
      }).map(formatProblem);
    expect([...problems(0), ...problems(1.5), ...problems(2, 0), ...problems(200)]).toEqual([
      "gpus: must be a whole number from 1, got 0; set how many GPUs one instance has",
      "gpus: must be a whole number from 1, got 1.5; set how many GPUs one instance has",
      "machines: must be a whole number from 1, got 0",
      "gpus: makes 100 stages of 36 layers, got 200; use fewer GPUs",
    ]);
    expect(() => spread("Qwen/Qwen3-8B", 3, 2, 1)).toThrow(RangeError);
  });
});
