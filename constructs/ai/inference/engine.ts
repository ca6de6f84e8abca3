import type { Architecture } from "../../../model/types";
import type { Group } from "../../jobspec/group";
import type { ProgramOptions } from "../../jobspec/program";
import type { Task } from "../../jobspec/task";
import type { GpuRequest } from "../base/gpus";
import type { ModelEngine, ServedModel } from "./model";
import type { InferenceOptions } from "./options";

/** What an engine's arguments follow from. */
export interface EngineContext<O extends InferenceOptions = InferenceOptions> {
  readonly options: O;
  /** Repository of the model. */
  readonly repository: string;
  /** What is known of the model; undefined where nobody described it. */
  readonly served: ServedModel | undefined;
  readonly gpus: GpuRequest;
  /** Address that it listens on. */
  readonly address: string;
  /** Port that it listens on. */
  readonly port: string;
  /** Directory that models are kept in, as the task sees it. */
  readonly models: string;
}

/** What is left of a query for Prometheus once the model is known. */
export type RequestsQuery = (servedModel: string) => string;

/** A program that serves models. */
export interface Engine<O extends InferenceOptions = InferenceOptions> extends ModelEngine<O> {
  /** Name of group and task. Shape: `vllm`. */
  readonly name: string;
  /** Answers with 200 once the model is loaded. */
  readonly healthPath: string;
  /** Metrics for Prometheus. @default - it has none */
  readonly metricsPath?: string;
  /** Requests that a replica works on or keeps waiting, on the average of all, for Prometheus. @default - it does not say */
  readonly requestsQuery?: RequestsQuery;
  /** Architectures of its pinned image. */
  readonly architectures: (gpus: number) => readonly Architecture[];
  /** Whether its pinned image runs without a GPU. */
  readonly runsOnCpu: boolean;
  /** Name of the model as requests give it. @default - the repository's */
  readonly servedModel?: (options: O) => string;
  readonly program: (context: EngineContext<O>) => ProgramOptions;
  /** Environment beside that of GPUs and cache. @default {} */
  readonly env?: (context: EngineContext<O>) => Readonly<Record<string, string>>;
  /** Tasks beside the engine, by name. @default {} */
  readonly tasks?: (context: EngineContext<O>) => Readonly<Record<string, Task>>;
  /** More for the group. @default {} */
  readonly group?: (options: O) => Pick<Group, "ephemeralDisk">;
}
