import type { Construct } from "constructs";
import { type Duration, minutes } from "../../jobspec/duration";
import { programTask } from "../../jobspec/program";
import { env } from "../../jobspec/references";
import type { Task } from "../../jobspec/task";
import type { Engine, EngineContext } from "./engine";
import { ollamaShape } from "../models/ollama";
import type { InferenceOptions } from "./options";
import { InferenceService } from "./service";

export interface OllamaOptions extends Omit<InferenceOptions, "revision" | "tokenVariable"> {
  /** Model of Ollama's library. Shape: `llama3.2:3b`. */
  readonly model: string;
  /** Further models that are pulled. @default [] */
  readonly moreModels?: readonly string[];
  /** How long a model stays in the GPU's memory after its last request; a negative one is for ever. @default "30m" */
  readonly keepAlive?: Duration;
}

const program = {
  image: "docker.io/ollama/ollama:0.15.2",
  installedCommand: "/usr/local/bin/ollama",
} as const;

const ollama: Engine<OllamaOptions> = {
  name: "ollama",
  costs: "ollama",
  shape: ({ model }) => ollamaShape(model),
  healthPath: "/api/version",
  architectures: () => ["amd64", "arm64"],
  runsOnCpu: true,
  program: ({ options }) => ({
    ...program,
    entrypoint: ["ollama"],
    args: ["serve", ...(options.engineArgs ?? [])],
    container: { ports: ["http"] },
  }),
  env: ({ options, address, port, models }) => {
    const { contextTokens, concurrency, moreModels = [], keepAlive = minutes(30) } = options;
    return {
      OLLAMA_HOST: `${address}:${port}`,
      // A directory, not a list of models: those the task `pull` fetches.
      OLLAMA_MODELS: `${models}/ollama`,
      OLLAMA_KEEP_ALIVE: keepAlive,
      ...(contextTokens === undefined ? {} : { OLLAMA_CONTEXT_LENGTH: String(contextTokens) }),
      ...(concurrency === undefined ? {} : { OLLAMA_NUM_PARALLEL: String(concurrency) }),
      ...(moreModels.length === 0 ? {} : { OLLAMA_MAX_LOADED_MODELS: String(moreModels.length + 1) }),
    };
  },
  tasks: (context): Record<string, Task> => (context.options.offline === true ? {} : { pull: pullTask(context) }),
};

/** Pulls the models once the server is up. The allocation is healthy when it has ended well. */
function pullTask({ options }: EngineContext<OllamaOptions>): Task {
  const { runtime, model, moreModels = [] } = options;
  const command = runtime?.kind === "installed" ? (runtime.command ?? program.installedCommand) : "ollama";
  const shell = { ...program, entrypoint: ["/bin/sh"], args: ["${NOMAD_TASK_DIR}/pull"] };
  return {
    ...programTask(runtime?.kind === "installed" ? { ...runtime, command: "/bin/sh" } : runtime, shell),
    lifecycle: { hook: "poststart" },
    env: { OLLAMA_HOST: env.addr("http") },
    templates: [{ destination: "local/pull", data: pullScript(command, [model, ...moreModels]) }],
    resources: { cpu: "100MHz", memory: "256MiB" },
  };
}

function pullScript(command: string, models: readonly string[]): string {
  const pulls = models.map((model) => `${command} pull '${model}' >/dev/null\necho 'pulled ${model}'\n`);
  return `set -eu\nuntil ${command} list >/dev/null 2>&1; do sleep 1; done\n${pulls.join("")}`;
}

/** Models behind Ollama, loaded when they are asked for. */
export class OllamaService extends InferenceService<OllamaOptions> {
  constructor(scope: Construct, id: string, props: OllamaOptions) {
    super(scope, id, props, ollama);
  }
}
