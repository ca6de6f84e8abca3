import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { MODEL_CATALOGUE } from "../../../constructs/ai/models/catalogue";
import { WEIGHT_FORMATS } from "../../../constructs/ai/models/formats";
import { explain, memoryOf, weightBytesOf } from "../../../constructs/ai/models/memory";
import { OLLAMA_NAMES, ollamaShape } from "../../../constructs/ai/models/ollama";
import { tensorParallelSizes } from "../../../constructs/ai/models/parallelism";
import type { ModelRequest, ModelShape, WeightFormat } from "../../../constructs/ai/models/types";
import { deviation, PUBLISHED, type Published, shape } from "./published";

describe("published figures", () => {
  test.each(PUBLISHED.map((figure) => [`${figure.model}: ${figure.what}`, figure] as const))("%s", (_, figure) => {
    expect(Math.abs(deviation(figure))).toBeLessThan(15);
  });

  test("are of ten models at least, each with a source", () => {
    expect(new Set(PUBLISHED.map(({ model }) => model)).size).toBeGreaterThanOrEqual(10);
    expect(PUBLISHED.filter(({ source }) => !source.startsWith("https://"))).toEqual([]);
  });

  test("are in the documentation as they are here", () => {
    const page = readFileSync(join(__dirname, "..", "..", "..", "docs", "models.md"), "utf8");
    const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
    const row = (figure: Published) =>
      [
        figure.model,
        figure.what,
        `${digits(figure.ours)} ${figure.unit}`,
        `${digits(figure.published)} ${figure.unit}`,
        `${deviation(figure).toFixed(1).replace("-0.0", "0.0")} %`,
        `<${figure.source}>`,
      ].join(" | ");
    const rows = page
      .split("\n")
      .filter((line) => line.startsWith("|") && line.includes("https://"))
      .map((line) => line.replace(/^\| /, "").replace(/ +\|$/, "").replace(/ +\| /g, " | "));
    expect(rows).toEqual(PUBLISHED.map(row));
  });
});

describe("the catalogue", () => {
  test("has the models of the seeds, and names of Ollama's library", () => {
    expect(Object.keys(MODEL_CATALOGUE).length).toBeGreaterThanOrEqual(14);
    expect(OLLAMA_NAMES.filter((name) => ollamaShape(name) === undefined)).toEqual([]);
    expect(["llama3.2:3b", "codellama:7b"].map((name) => ollamaShape(name)?.repository)).toEqual([
      "meta-llama/Llama-3.2-3B-Instruct",
      "codellama/CodeLlama-7b-Instruct-hf",
    ]);
    expect(ollamaShape("nothing:1b")).toBeUndefined();
  });

  test.each(Object.values(MODEL_CATALOGUE).map((model) => [model.repository, model] as const))(
    "%s is sound",
    (repository, model) => {
      const { attention, layers, vocabulary, hiddenSize, parameters, kvHeads, attentionHeads } = model;
      expect(model.source).toContain(repository);
      expect(attentionHeads % kvHeads).toBe(0);
      expect(vocabulary * hiddenSize).toBeLessThan(parameters);
      expect(model.activeParameters ?? 0).toBeLessThan(parameters);
      expect(attention.kind === "sliding-window" ? attention.fullLayers : layers).toBeLessThanOrEqual(layers);
    },
  );
});

describe("the sum", () => {
  const models = fc.constantFrom(...Object.values(MODEL_CATALOGUE));
  const formats = fc.constantFrom(...(Object.keys(WEIGHT_FORMATS) as WeightFormat[]));
  const requests = fc.record({
    contextTokens: fc.integer({ min: 1, max: 200_000 }),
    concurrency: fc.integer({ min: 1, max: 500 }),
    format: formats,
    engine: fc.constantFrom("vllm", "llama.cpp" as const),
    pipelineParallel: fc.integer({ min: 1, max: 4 }),
  });
  const total = (model: ModelShape, request: ModelRequest) => memoryOf(model, request).totalMiB;

  test("grows with context, concurrency and parameters", () => {
    fc.assert(
      fc.property(models, requests, fc.integer({ min: 1, max: 1e6 }), (model, request, more) => {
        const sum = total(model, request);
        expect(total(model, { ...request, contextTokens: request.contextTokens + more })).toBeGreaterThanOrEqual(sum);
        expect(total(model, { ...request, concurrency: request.concurrency + more })).toBeGreaterThanOrEqual(sum);
        expect(total({ ...model, parameters: model.parameters + more * 1000 }, request)).toBeGreaterThan(sum);
      }),
    );
  });

  test("halves with twice the GPUs, as long as each has heads of its own", () => {
    fc.assert(
      fc.property(models, requests, (model, request) => {
        const [one, two] = [1, 2].map((tensorParallel) =>
          memoryOf(model, { ...request, engine: "vllm", tensorParallel }),
        );
        fc.pre(tensorParallelSizes(model, 2).includes(2) && model.kvHeads % 2 === 0);
        expect(two!.weightsMiB).toBeCloseTo(one!.weightsMiB / 2);
        expect(two!.cacheMiB).toBeCloseTo(model.attention.kind === "latent" ? one!.cacheMiB : one!.cacheMiB / 2);
      }),
    );
  });

  test("of all stages together is that of one, and a little more where layers do not divide", () => {
    fc.assert(
      fc.property(models, requests, (model, request) => {
        const whole = memoryOf(model, { ...request, pipelineParallel: 1 });
        const { weightsMiB, cacheMiB } = memoryOf(model, request);
        expect(weightsMiB * request.pipelineParallel).toBeGreaterThanOrEqual(whole.weightsMiB * 0.999);
        expect(cacheMiB * request.pipelineParallel).toBeGreaterThanOrEqual(whole.cacheMiB * 0.999);
        expect(weightsMiB).toBeLessThanOrEqual(whole.weightsMiB * 1.001);
      }),
    );
  });

  test("is never more in a format of fewer bits", () => {
    fc.assert(
      fc.property(models, formats, formats, (model, one, other) => {
        const [less, more] = WEIGHT_FORMATS[one].bits <= WEIGHT_FORMATS[other].bits ? [one, other] : [other, one];
        // Where some parameters stay at 16 bits, they may outweigh a format that shrinks all of them.
        fc.pre(!WEIGHT_FORMATS[less].keepsSome || WEIGHT_FORMATS[more].keepsSome || WEIGHT_FORMATS[more].bits >= 16);
        expect(weightBytesOf(model, less)).toBeLessThanOrEqual(weightBytesOf(model, more));
      }),
    );
  });

  test("does not share heads that are fewer than the GPUs", () => {
    const model = shape("Qwen/Qwen3-30B-A3B");
    const cache = (tensorParallel: number) => memoryOf(model, { contextTokens: 4096, tensorParallel }).cacheMiB;
    expect(cache(8)).toBe(cache(4));
  });

  test("holds what is beyond a window once", () => {
    const cache = (contextTokens: number) => memoryOf(shape("openai/gpt-oss-20b"), { contextTokens }).cacheMiB;
    // 12 layers of 24 see all: 2 × 8 heads × 64 × 2 bytes each.
    expect(cache(2 ** 16) - cache(2 ** 15)).toBe((12 * 2 ** 15 * 2048) / 2 ** 20);
  });

  test("has no cache for an encoder", () => {
    expect(memoryOf(shape("BAAI/bge-m3"), { contextTokens: 8192, concurrency: 64 }).cacheMiB).toBe(0);
  });

  test("is explained line by line", () => {
    const request = { contextTokens: 32_768, concurrency: 8, tensorParallel: 4, format: "fp8" } as const;
    expect(explain(memoryOf(shape("Qwen/Qwen2.5-72B-Instruct"), request))).toBe(
      [
        "Qwen/Qwen2.5-72B-Instruct, on each of 4 GPUs (4 GPUs share each layer):",
        "    17.5 GiB  weights, fp8",
        "    20.0 GiB  KV cache, 8 × 32768 tokens",
        "     0.5 GiB  activations",
        "     1.5 GiB  vllm",
        "    39.5 GiB  in all",
      ].join("\n"),
    );
  });
});
