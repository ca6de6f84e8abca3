import { programTask } from "../../jobspec/program";
import { env } from "../../jobspec/references";
import { gibibytes, megahertz, type Size } from "../../jobspec/size";
import type { Task } from "../../jobspec/task";
import { variableEnvironment } from "../../jobspec/variable-file";
import { cacheEnvironment } from "../model-cache-jobs";
import type { Engine, EngineContext } from "./engine";
import type { InferenceOptions } from "./options";

/** The task that serves the model. */
export function engineTask<O extends InferenceOptions>(
  engine: Engine<O>,
  context: EngineContext<O>,
  cacheEnv: Readonly<Record<string, string>> | undefined,
): Task {
  const { options, gpus } = context;
  const { runtime, tokenVariable } = options;
  const program = engine.program(context);
  return {
    ...programTask(runtime, { ...program, container: { ...program.container, ...gpus.container } }),
    // Longer is cut by the client; requests have `drainSeconds` before it.
    killTimeout: "30s",
    killSignal: "SIGTERM",
    env: {
      ...gpus.env,
      // Without a cache beside the allocation's data, where a restarted task finds what it has fetched.
      ...(cacheEnv ?? cacheEnvironment(`${env.allocDir}/data/huggingface`, false)),
      ...engine.env?.(context),
    },
    ...(tokenVariable === undefined ? {} : { templates: [variableEnvironment(tokenVariable, { HF_TOKEN: "token" })] }),
    resources: {
      cpu: options.cpu ?? megahertz(4000 + 2000 * Math.max(0, gpus.count - 1)),
      memory: options.memory ?? memoryOf(context),
      ...(gpus.devices.length === 0 ? {} : { devices: gpus.devices }),
    },
  };
}

/** GiB of a program, its page cache of weights on the way to the GPU, and its buffers. */
const PROGRAM = 16;
/** The same for each further GPU. */
const FURTHER = 8;

/** Where GPU and CPU share the memory, or there is no GPU, the model's own share is in it. */
function memoryOf<O extends InferenceOptions>({ gpus, served }: EngineContext<O>): Size {
  const model = Math.ceil((served?.sum.totalMiB ?? 0) / 1024);
  if (gpus.count === 0) return gibibytes(served === undefined ? PROGRAM : model + 2);
  const program = PROGRAM + FURTHER * (gpus.count - 1);
  return gibibytes(gpus.gpu?.unifiedMemory === true ? program + model : program);
}
