import type { Construct } from "constructs";
import type { Engine, EngineContext } from "./engine";
import type { InferenceOptions } from "./options";
import { parallelArgs, quantizedArgs, sharedMemoryArgs } from "./arguments";
import { InferenceService } from "./service";

const vllm: Engine = {
  name: "vllm",
  costs: "vllm",
  healthPath: "/health",
  metricsPath: "/metrics",
  requestsQuery: (model) =>
    `avg(vllm:num_requests_running{model_name="${model}"} + vllm:num_requests_waiting{model_name="${model}"})`,
  architectures: () => ["amd64", "arm64"],
  runsOnCpu: false,
  program: (context) => ({
    image: "nvcr.io/nvidia/vllm:25.09-py3",
    installedCommand: "/opt/vllm/bin/vllm",
    // Images of vLLM begin differently; the program is in all of them.
    entrypoint: ["vllm"],
    args: vllmArgs(context),
    container: { ports: ["http"], shmSize: "8GiB" },
  }),
};

/** @see https://docs.vllm.ai/en/stable/cli/serve/ */
function vllmArgs({ options, repository, served, gpus, address, port }: EngineContext): readonly string[] {
  const { revision, contextTokens, concurrency, engineArgs = [] } = options;
  return [
    ...["serve", repository, "--host", address, "--port", port],
    ...(revision === undefined ? [] : ["--revision", revision]),
    ...parallelArgs(["--tensor-parallel-size", "--pipeline-parallel-size"], gpus, served),
    ...quantizedArgs("--quantization", options, served),
    ...sharedMemoryArgs("--gpu-memory-utilization", gpus, "vllm"),
    ...(contextTokens === undefined ? [] : ["--max-model-len", String(contextTokens)]),
    ...(concurrency === undefined ? [] : ["--max-num-seqs", String(concurrency)]),
    ...engineArgs,
  ];
}

/** A model behind vLLM's OpenAI-compatible API. @see https://docs.vllm.ai */
export class VllmService extends InferenceService {
  constructor(scope: Construct, id: string, props: InferenceOptions) {
    super(scope, id, props, vllm);
  }
}
