import type { Construct } from "constructs";
import { LlamaCppService } from "../../constructs/ai/inference/llama-cpp";
import { SglangRouter } from "../../constructs/ai/inference/router";
import type { Runtime } from "../../constructs/jobspec/program";
import type { TinyEngine } from "./tiny-engine";

/** Name of the model as requests give it. */
export const TINY_MODEL = "tiny-random";

/** Two workers with a small model, and a router before them. The machines have no containers. */
export function tinyService(
  scope: Construct,
  engine: TinyEngine,
  pools: { readonly workers: string; readonly router: string },
) {
  const installed = (command: string): Runtime => ({
    kind: "installed",
    command,
    driver: "raw_exec",
    reason: "no other driver runs where the test does",
  });
  const workers = new LlamaCppService(scope, "Workers", {
    name: "chat-workers",
    model: TINY_MODEL,
    file: engine.model,
    pool: pools.workers,
    gpus: 0,
    replicas: 2,
    contextTokens: 256,
    concurrency: 2,
    loadMinutes: 1,
    drainSeconds: 4,
    cpu: "100MHz",
    memory: "192MiB",
    runtime: installed(engine.server),
  });
  const router = new SglangRouter(scope, "Router", {
    name: "chat",
    pool: pools.router,
    workers,
    policy: "round_robin",
    // What was asked of a machine that is gone is asked again of another after so long.
    requestTimeoutSeconds: 5,
    loadMinutes: 2,
    drainSeconds: 2,
    cpu: "100MHz",
    memory: "256MiB",
    runtime: installed(engine.router),
  });
  return { workers, router };
}
