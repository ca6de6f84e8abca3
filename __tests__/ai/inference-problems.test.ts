import { LlamaCppService } from "../../constructs/ai/inference/llama-cpp";
import { OllamaService } from "../../constructs/ai/inference/ollama";
import type { InferenceOptions } from "../../constructs/ai/inference/options";
import { SglangRouter } from "../../constructs/ai/inference/router";
import { SglangService } from "../../constructs/ai/inference/sglang";
import { TgiService } from "../../constructs/ai/inference/tgi";
import { VllmService } from "../../constructs/ai/inference/vllm";
import type { Job } from "../../constructs/jobspec/job";
import { jobsOf, type Pattern } from "./patterns/pattern";

const chat = { port: 8001, pools: ["h100", "edge"], callers: ["operators"] } as const;
const basic = { name: "chat", model: "Qwen/Qwen3-8B", pool: "h100" } as const;

function build(region: Pattern["region"], make: Pattern["build"], services: Pattern["services"] = { chat }) {
  return jobsOf({ region, services, build: make });
}

/** What is said of a vLLM service in the region eu-onprem. */
function refusal(options: Partial<InferenceOptions>, services?: Pattern["services"]): string {
  try {
    build("eu-onprem", (scope) => new VllmService(scope, "Chat", { ...basic, ...options }), services);
  } catch (error) {
    return (error as Error).message.split("\n").slice(1).join("\n");
  }
  return "";
}

function only(jobs: readonly Job[]): Job {
  expect(jobs).toHaveLength(1);
  return jobs[0] as Job;
}

describe("what is refused of a service of a model", () => {
  test("nothing of one that is right", () => {
    expect(refusal({})).toBe("");
  });

  test("a model that is too large, with the sum and what would help", () => {
    expect(refusal({ model: "meta-llama/Llama-3.1-70B-Instruct", tokenVariable: "nomad/jobs/chat" })).toMatch(
      /^ {2}- model: must fit 1 GPU NVIDIA H100 80GB HBM3, .* weights 131\.4 \(bf16\) \+ KV cache .* use 4 GPUs,.*\[model-memory\]$/,
    );
  });

  test("not one that is too large and meant so", () => {
    const unchecked = { reason: "half of the weights stay on the CPU" };
    expect(refusal({ model: "Qwen/Qwen2.5-72B-Instruct", unchecked })).toBe("");
  });

  test("GPUs that the pool, or any of the region, does not have", () => {
    expect(refusal({ gpus: 16 })).toBe(
      "  - gpus: must be at most 8, the GPUs of a machine of pool h100 (NVIDIA H100 80GB HBM3), got 16; no pool of region eu-onprem has 16 GPUs in a machine: ask for fewer, or use another region",
    );
    const onGraviton: Pattern["build"] = (scope) => new VllmService(scope, "Chat", { ...basic, pool: "graviton" });
    expect(() => build("eu-aws", onGraviton)).toThrow(
      "gpus: must be 0: machines of pool graviton have no GPU, got 1; run it in l4-spot (1 x NVIDIA L4)",
    );
  });

  test("an image that does not run on the pool's architecture", () => {
    const onEdge: Pattern["build"] = (scope) => new TgiService(scope, "Chat", { ...basic, pool: "edge" });
    expect(() => build("eu-onprem", onEdge)).toThrow(
      'pool: has arm64 machines, and the image is for amd64, got "edge"; use an image for arm64, or run it in h100',
    );
    const own = { kind: "container", image: "registry.example.com/tgi-arm64:1.0.0" } as const;
    expect(
      build("eu-onprem", (scope) => new TgiService(scope, "Chat", { ...basic, pool: "edge", runtime: own })),
    ).toHaveLength(1);
  });

  test("a service that the fleet does not declare", () => {
    expect(refusal({}, {})).toContain("services.0.name: must be declared by the fleet, else nothing can reach it");
  });

  test("a gated model without a token", () => {
    expect(refusal({ model: "meta-llama/Llama-3.1-8B-Instruct", contextTokens: 8192 })).toBe(
      '  - model: is gated: Hugging Face gives it only to accounts that have accepted its terms, got "meta-llama/Llama-3.1-8B-Instruct"; add tokenVariable: "nomad/jobs/chat" and write it with ./steppe secret put variable',
    );
  });

  test("a token that the job may not read", () => {
    expect(refusal({ tokenVariable: "nomad/jobs/other" })).toContain(
      'tokenVariable: must be a variable that the job may read without a policy, got "nomad/jobs/other"; write it as nomad/jobs/chat',
    );
  });

  test("a number that is none, once", () => {
    expect(refusal({ contextTokens: 0, concurrency: -2, gpus: 0.5 }).split("\n")).toEqual([
      "  - contextTokens: must be a whole number of at least 1, got 0",
      "  - concurrency: must be a whole number of at least 1, got -2",
      "  - gpus: must be a whole number from 0, got 0.5; use 0 to run on the CPU",
    ]);
  });

  test("a program that is found by luck", () => {
    expect(refusal({ runtime: { kind: "installed", command: "vllm" } })).toBe(
      '  - runtime.command: must be an absolute path, got "vllm"; write where it is installed, such as /usr/local/bin/server',
    );
  });

  test("several things at once", () => {
    expect(refusal({ offline: true, replicas: 0, model: "it's" }).split("\n")).toEqual([
      "  - replicas: must be a whole number of at least 1, got 0",
      `  - model: must be letters, digits, and any of . : / _ -, got "it's"`,
      "  - offline: needs a cache to take the model from, got true; name one in cache",
    ]);
  });

  test("vLLM's image without a GPU", () => {
    expect(refusal({ gpus: 0 })).toContain("gpus: must be at least 1: the image of vllm needs a GPU");
  });

  test("more replicas than machines can have the port", () => {
    expect(refusal({ replicas: 3 })).toBe(
      '  - replicas: must be at most 2, the machines of pool h100: each has port 8001 once, got 3; write `port: "dynamic"` at services.chat of the fleet, or add machines',
    );
    expect(refusal({ scaling: { max: 4, requestsPerReplica: 8 } })).toContain("scaling.max: must be at most 2");
  });

  test("two services of the fleet on one port", () => {
    expect(refusal({}, { chat: { ...chat, port: 8000 } })).toBe(
      `  - service: has port 8000 in pool h100, and so has vllm, got "chat"; give one of them another port in the fleet's services`,
    );
  });

  test("scaling of an engine without metrics", () => {
    const scaling = { max: 3, requestsPerReplica: 4 };
    const ollama: Pattern["build"] = (scope) =>
      new OllamaService(scope, "Chat", { name: "chat", model: "llama3.2:3b", pool: "h100", scaling });
    expect(() => build("eu-onprem", ollama)).toThrow("scaling.query: must be given: ollama has no metrics of its own");
  });

  test("a router that would route to itself", () => {
    const router: Pattern["build"] = (scope) =>
      new SglangRouter(scope, "Router", { name: "chat", pool: "h100", workers: "chat" });
    expect(() => build("eu-onprem", router)).toThrow("workers: must be another service than the router's own");
  });

  test("a router that would wait for no time, by a program found by luck", () => {
    const runtime = { kind: "installed", command: "sglang" } as const;
    const numbers = { replicas: 0, retries: -1, requestTimeoutSeconds: 0 };
    const router: Pattern["build"] = (scope) =>
      new SglangRouter(scope, "Router", { name: "chat", pool: "h100", workers: "other", runtime, ...numbers });
    expect(() => build("eu-onprem", router)).toThrow(
      /replicas: .*got 0\n.*retries: .*got -1\n.*requestTimeoutSeconds: .*got 0\n.*runtime\.command: .*got "sglang"/,
    );
  });

  test("a router whose pool may not call the workers", () => {
    const services = { chat, workers: { ...chat, port: 8002 } };
    const both: Pattern["build"] = (scope) => {
      const workers = new SglangService(scope, "Workers", { ...basic, name: "workers" });
      new SglangRouter(scope, "Router", { name: "chat", pool: "h100", workers });
    };
    expect(() => build("eu-onprem", both, services)).toThrow(
      "calls workers, which the fleet does not open for pool h100",
    );
  });
});

describe("what follows from where a service runs", () => {
  test("a canary where one more replica has a place, else one after the other", () => {
    const jobOf = (replicas: number) =>
      only(build("eu-onprem", (scope) => new VllmService(scope, "Chat", { ...basic, replicas })));
    expect(jobOf(1).update).toMatchObject({ canary: 1, autoPromote: true, autoRevert: true });
    expect(jobOf(2).update).not.toHaveProperty("canary");
    expect(jobOf(2).update).toMatchObject({ maxParallel: 1, autoRevert: true });
  });

  test("time to load before a check may restart or a deployment may fail", () => {
    const job = only(build("eu-onprem", (scope) => new VllmService(scope, "Chat", { ...basic, loadMinutes: 12 })));
    expect(job.update).toMatchObject({ healthyDeadline: "12m", progressDeadline: "18m" });
    expect(job.groups["vllm"]?.services?.[0]?.checks?.[0]).toMatchObject({
      path: "/health",
      checkRestart: { limit: 3, grace: "12m" },
    });
  });

  test("replicas at the edge go on without contact", () => {
    const job = only(
      build("eu-onprem", (scope) => {
        const file = "Qwen3-4B-Q4_K_M.gguf";
        new LlamaCppService(scope, "Chat", { ...basic, model: "Qwen/Qwen3-4B", file, pool: "edge", gpus: 0 });
      }),
    );
    expect(job.groups["llama-cpp"]?.disconnect).toEqual({ lostAfter: "3600s", reconcile: "best_score" });
  });
});
