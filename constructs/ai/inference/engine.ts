import type { Architecture } from "../../../model/types";
import type { ProgramOptions } from "../../jobspec/program";
import type { GpuRequest } from "../base/gpus";
import type { InferenceOptions } from "./options";

/** What an engine's arguments follow from. */
export interface EngineContext {
  readonly options: InferenceOptions;
  readonly gpus: GpuRequest;
  /** Address that it listens on. */
  readonly address: string;
  /** Port that it listens on. */
  readonly port: string;
}

/** A program that serves models. */
export interface Engine {
  /** Name of group and task. Shape: `vllm`. */
  readonly name: string;
  /** Answers with 200 once the model is loaded. */
  readonly healthPath: string;
  /** Metrics for Prometheus; undefined for an engine without. */
  readonly metricsPath: string | undefined;
  /** Architectures of its pinned image. */
  readonly architectures: readonly Architecture[];
  /** Whether it runs without a GPU. */
  readonly runsOnCpu: boolean;
  /** Name of the model as requests give it. */
  readonly servedModel: (options: InferenceOptions) => string;
  readonly program: (context: EngineContext) => ProgramOptions;
}
