import type { Construct } from "constructs";
import type { Engine, EngineContext } from "./engine";
import type { InferenceOptions } from "./options";
import { parallelArgs, quantizedArgs, sharedMemoryArgs } from "./arguments";
import { InferenceService } from "./service";

const sglang: Engine = {
  name: "sglang",
  costs: "sglang",
  healthPath: "/health",
  metricsPath: "/metrics",
  requestsQuery: (model) =>
    `avg(sglang:num_running_reqs{model_name="${model}"} + sglang:num_queue_reqs{model_name="${model}"})`,
  architectures: () => ["amd64", "arm64"],
  runsOnCpu: false,
  program: (context) => ({
    image: "docker.io/lmsysorg/sglang:v0.5.11-cu129",
    installedCommand: "/opt/sglang/bin/python3",
    entrypoint: ["python3"],
    args: sglangArgs(context),
    container: { ports: ["http"], shmSize: "8GiB" },
  }),
};

/** @see https://docs.sglang.io/advanced_features/server_arguments.html */
function sglangArgs({ options, repository, served, gpus, address, port }: EngineContext): readonly string[] {
  const { revision, contextTokens, concurrency, engineArgs = [] } = options;
  return [
    ...[
      "-m",
      "sglang.launch_server",
      "--model-path",
      repository,
      "--host",
      address,
      "--port",
      port,
      "--enable-metrics",
    ],
    ...(revision === undefined ? [] : ["--revision", revision]),
    ...parallelArgs(["--tp-size", "--pp-size"], gpus, served),
    ...quantizedArgs("--quantization", options, served),
    ...sharedMemoryArgs("--mem-fraction-static", gpus, "sglang"),
    ...(contextTokens === undefined ? [] : ["--context-length", String(contextTokens)]),
    ...(concurrency === undefined ? [] : ["--max-running-requests", String(concurrency)]),
    ...engineArgs,
  ];
}

/** A model behind SGLang's OpenAI-compatible API; several replicas are best called through a `SglangRouter`. */
export class SglangService extends InferenceService {
  constructor(scope: Construct, id: string, props: InferenceOptions) {
    super(scope, id, props, sglang);
  }
}
