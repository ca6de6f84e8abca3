import type { Group } from "../../jobspec/group";
import type { Job } from "../../jobspec/job";
import { programTask, runtimeAllowances } from "../../jobspec/program";
import { env, node } from "../../jobspec/references";
import { gibibytes, megahertz } from "../../jobspec/size";
import type { Task } from "../../jobspec/task";
import type { Template } from "../../jobspec/template";
import type { JobMount } from "../../nomad/job-mounts";
import type { PatternPlace } from "../../nomad/pattern-place";
import { gpuRequest } from "../base/gpus";
import { GANG } from "./gang-script";
import type { TrainingOptions } from "./options";

/** Name of group and task. */
export const TRAIN = "train";
/** Where the task has its checkpoints. */
const CHECKPOINTS = "/checkpoints";
/** No text of Python: what is between them would be Nomad's. */
const VERBATIM = { leftDelimiter: "<<<<", rightDelimiter: ">>>>" };

/** How many train together, and how they find each other. */
export interface Gang {
  readonly workers: number;
  /** Of each worker. */
  readonly gpus: number;
  /** Of each worker. */
  readonly processes: number;
  readonly timeoutSeconds: number;
  /** Over as many machines as there are. */
  readonly spread: boolean;
  /** Undefined for one worker, which needs no others. */
  readonly meeting: { readonly service: string; readonly hostNetwork: string } | undefined;
}

/** The job of a training run: a batch job with one group of like workers. Its ranks follow from Nomad's index of each. */
export function gangJob(options: TrainingOptions, gang: Gang, place: PatternPlace): Job {
  const { name, namespace, runtime, maxRestarts = 3 } = options;
  const group: Group = {
    count: gang.workers,
    // A worker that gave up says so in its own directory, so these end at once; a lost machine's worker is placed anew all the same.
    restart: { attempts: maxRestarts, interval: "24h", delay: "15s", mode: "fail" },
    reschedule: { attempts: 0, unlimited: false },
    ...(gang.spread ? { spreads: [{ attribute: node.uniqueId, weight: 100 }] } : {}),
    ...meetingOf(gang),
    tasks: { [TRAIN]: trainTask(options, gang, place) },
  };
  const allow = runtimeAllowances(runtime);
  return {
    id: name,
    type: "batch",
    nodePool: place.poolName,
    ...(namespace === undefined ? {} : { namespace }),
    ...(allow.length === 0 ? {} : { allow }),
    groups: { [TRAIN]: group },
  };
}

/** What the task mounts. */
export function trainingMounts({ checkpoints, mounts = [] }: TrainingOptions): readonly JobMount[] {
  const place = { group: TRAIN, task: TRAIN };
  return [
    ...(checkpoints === undefined ? [] : [{ volume: checkpoints, destination: CHECKPOINTS, ...place }]),
    ...mounts.map((mount) => ({ ...mount, ...place })),
  ];
}

function meetingOf({ meeting }: Gang): Pick<Group, "network" | "services" | "shutdownDelay"> {
  if (meeting === undefined) return {};
  const { service, hostNetwork } = meeting;
  return {
    network: { mode: "host", ports: { gang: { hostNetwork }, master: { hostNetwork } } },
    // The others only read who is there: nobody is served until it stops.
    shutdownDelay: "1s",
    services: [{ name: service, port: "gang", tags: [`rank-${env.allocIndex}`] }],
  };
}

function trainTask(options: TrainingOptions, gang: Gang, { pool }: PatternPlace): Task {
  const { script, args = [], runtime } = options;
  const gpus = gpuRequest(pool, gang.gpus);
  const own = (file: string) => `${env.taskDir}/${file}`;
  const path = "path" in script ? script.path : own("train.py");
  return {
    ...programTask(runtime, {
      image: "docker.io/pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime",
      installedCommand: "/usr/bin/python3",
      entrypoint: ["python3"],
      args: [own("gang.py"), path, ...args],
      container: {
        ...(gang.meeting === undefined ? {} : { networkMode: "host" }),
        // Loaders of data hand batches over through it.
        shmSize: "8GiB",
        ...gpus.container,
      },
    }),
    // Longer is cut by the client; the script has 25 s of it.
    killTimeout: "30s",
    env: { PYTHONUNBUFFERED: "1", ...gpus.env, ...gangEnv(options, gang), ...options.env },
    templates: [
      { destination: "local/gang.py", data: GANG, ...VERBATIM },
      ...("text" in script ? [{ destination: "local/train.py", data: script.text, ...VERBATIM }] : []),
      ...(gang.meeting === undefined ? [] : [peers(gang.meeting.service)]),
    ],
    resources: {
      cpu: options.cpu ?? megahertz(4000 + 2000 * gang.gpus),
      memory: options.memory ?? gibibytes(8 + 16 * gang.gpus),
      ...(gpus.devices.length === 0 ? {} : { devices: gpus.devices }),
    },
  };
}

function gangEnv(options: TrainingOptions, gang: Gang): Readonly<Record<string, string>> {
  const { name, checkpoints, checkpointDirectory = name, timeLimitHours, maxRestarts = 3 } = options;
  return {
    GANG_SIZE: String(gang.workers),
    GANG_PROCESSES: String(gang.processes),
    GANG_TIMEOUT: String(gang.timeoutSeconds),
    GANG_MAX_RESTARTS: String(maxRestarts),
    ...(timeLimitHours === undefined ? {} : { GANG_TIME_LIMIT: String(Math.round(timeLimitHours * 3600)) }),
    ...(checkpoints === undefined ? {} : { CHECKPOINT_DIR: `${CHECKPOINTS}/${checkpointDirectory}` }),
  };
}

/** One line per worker: address, port and rank. It changes while the task runs, which reads it again. */
function peers(service: string): Template {
  return {
    destination: "local/peers",
    changeMode: "noop",
    data: `{{ range nomadService "${service}" }}{{ .Address }} {{ .Port }} {{ .Tags | join " " }}\n{{ end }}\n`,
  };
}
