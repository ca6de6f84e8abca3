import type { Construct } from "constructs";
import type { Engine, EngineContext } from "./engine";
import type { WeightFormat } from "../models/types";
import type { InferenceOptions } from "./options";
import { InferenceService } from "./service";

const BUILD = "b11151";

export interface LlamaCppOptions extends InferenceOptions {
  /** Repository on Hugging Face that has the model as GGUF. Shape: `Qwen/Qwen3-8B-GGUF`. @default - that of the model */
  readonly ggufRepository?: string;
  /**
   * File with the weights, GGUF: one of the repository, which is fetched, or one that the task sees, by its absolute path.
   *
   * Shape: `Qwen3-8B-Q4_K_M.gguf`, `/models/qwen3.gguf`.
   */
  readonly file: string;
}

const llamaCpp: Engine<LlamaCppOptions> = {
  name: "llama-cpp",
  costs: "llama.cpp",
  format: ({ file }) => formatOfFile(file),
  healthPath: "/health",
  metricsPath: "/metrics",
  requestsQuery: () => "avg(llamacpp:requests_processing + llamacpp:requests_deferred)",
  architectures: (gpus) => (gpus === 0 ? ["amd64", "arm64"] : ["amd64"]),
  runsOnCpu: true,
  program: (context) => ({
    image: `ghcr.io/ggml-org/llama.cpp:${context.gpus.count === 0 ? "server" : "server-cuda"}-${BUILD}`,
    installedCommand: "/opt/llama.cpp/llama-server",
    args: llamaArgs(context),
    container: { ports: ["http"] },
  }),
  env: ({ models }) => ({ LLAMA_CACHE: `${models}/llama.cpp` }),
};

/** @see https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
function llamaArgs({ options, repository, gpus, address, port }: EngineContext<LlamaCppOptions>): readonly string[] {
  const {
    ggufRepository = repository,
    file,
    contextTokens,
    concurrency = 1,
    offline = false,
    engineArgs = [],
  } = options;
  const source = file.startsWith("/") ? ["--model", file] : ["--hf-repo", ggufRepository, "--hf-file", file];
  return [
    ...[...source, "--alias", repository, "--host", address, "--port", port, "--metrics"],
    ...["--parallel", String(concurrency)],
    // One context for all that is answered at a time.
    ...(contextTokens === undefined ? [] : ["--ctx-size", String(contextTokens * concurrency)]),
    ...(gpus.count === 0 ? [] : ["--n-gpu-layers", "999"]),
    ...(offline ? ["--offline"] : []),
    ...engineArgs,
  ];
}

/** How a file of this name stores its weights, as those who publish such files name them. */
function formatOfFile(file: string): WeightFormat | undefined {
  const found = /(q8_0|q6_k|q5_k_m|q4_k_m|q4_0|bf16|f16|f32)\.gguf$/i.exec(file)?.[1]?.toLowerCase();
  if (found === undefined) return undefined;
  if (found === "bf16") return "bf16";
  return found.startsWith("f") ? (`fp${found.slice(1)}` as WeightFormat) : (`gguf-${found}` as WeightFormat);
}

/** A quantized model behind llama.cpp's server, for small machines with or without a GPU. */
export class LlamaCppService extends InferenceService<LlamaCppOptions> {
  constructor(scope: Construct, id: string, props: LlamaCppOptions) {
    super(scope, id, props, llamaCpp);
  }
}
