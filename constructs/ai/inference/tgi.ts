import type { Construct } from "constructs";
import type { Engine, EngineContext } from "./engine";
import type { InferenceOptions } from "./options";
import { quantizedArgs } from "./arguments";
import { InferenceService } from "./service";

const tgi: Engine = {
  name: "tgi",
  costs: "tgi",
  healthPath: "/health",
  metricsPath: "/metrics",
  requestsQuery: () => "avg(tgi_batch_current_size + tgi_queue_size)",
  architectures: () => ["amd64"],
  runsOnCpu: false,
  program: (context) => ({
    image: "ghcr.io/huggingface/text-generation-inference:3.3.4",
    installedCommand: "/opt/tgi/bin/text-generation-launcher",
    args: tgiArgs(context),
    container: { ports: ["http"], shmSize: "1GiB" },
  }),
};

/** @see https://huggingface.co/docs/text-generation-inference/reference/launcher */
function tgiArgs({ options, repository, served, gpus, address, port }: EngineContext): readonly string[] {
  const { revision, contextTokens, concurrency, engineArgs = [] } = options;
  return [
    ...["--model-id", repository, "--hostname", address, "--port", port],
    ...(revision === undefined ? [] : ["--revision", revision]),
    ...(gpus.count > 1 ? ["--num-shard", String(gpus.count)] : []),
    ...(contextTokens === undefined ? [] : ["--max-total-tokens", String(contextTokens)]),
    ...quantizedArgs("--quantize", options, served),
    ...(concurrency === undefined ? [] : ["--max-concurrent-requests", String(concurrency)]),
    ...engineArgs,
  ];
}

/**
 * A model behind Hugging Face's Text Generation Inference, on amd64. Its authors keep it alive and point to vLLM and SGLang for what
 * is new.
 *
 * @see https://huggingface.co/docs/text-generation-inference
 */
export class TgiService extends InferenceService {
  constructor(scope: Construct, id: string, props: InferenceOptions) {
    super(scope, id, props, tgi);
  }
}
