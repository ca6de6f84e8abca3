import { Construct } from "constructs";
import type { Job } from "../jobspec/job";
import { listenAddress, programTask, type Runtime } from "../jobspec/program";
import { env } from "../jobspec/references";
import { parseMebibytes } from "../jobspec/size";
import type { Template } from "../jobspec/template";
import { assertValid } from "../core/problems";
import { NomadJob } from "../nomad/job";
import type { JobMount } from "../nomad/job-mounts";
import { type DataPlace, dataPlaceOf } from "../nomad/kept-data";
import { type PatternPlace, patternPlace } from "../nomad/pattern-place";
import {
  DATA_DIRECTORY,
  databaseJob,
  type EngineUser,
  ownerTasks,
  readyTask,
  secretFile,
  userOf,
  withReady,
} from "./database-group";
import { type DatabaseOptions, databaseProblems, variableOf } from "./database-options";
import { dataMounts, dataVolumeProblems } from "./database-volume";
import { escapedItem } from "./escape";

/** A Redis. Its variable has the item `password`. */
export interface RedisOptions extends DatabaseOptions {
  /** What becomes of keys when the memory is full. @default - "noeviction" with a volume, "allkeys-lru" without */
  readonly eviction?: "noeviction" | "allkeys-lru" | "allkeys-lfu" | "volatile-lru" | "volatile-ttl";
}

export interface RedisProps extends RedisOptions {
  /** Keeps the data, with every write within a second. @default - a cache: empty after each start */
  readonly volume?: JobMount["volume"];
}

const IMAGE = "docker.io/library/redis:7.4.6";
const USER: EngineUser = { uid: 999, gid: 999, name: "redis" };
const PORT = "db";
/** Saving copies the process: pages that change meanwhile exist twice. */
const SHARE = { machine: 0.6, anywhere: 0.6, none: 0.8 } as const;

/** The job of a Redis. @see https://redis.io/docs/latest/operate/oss_and_stack/management/config/ */
export function redisJob(options: RedisOptions, place: PatternPlace, data: DataPlace): Job {
  const { runtime, cpu = "1GHz", memory = "1GiB" } = options;
  const isKept = data !== "none";
  const maxMemory = Math.floor((parseMebibytes(memory) ?? 0) * SHARE[data]);
  const eviction = options.eviction ?? (isKept ? "noeviction" : "allkeys-lru");
  return databaseJob(options, place, data, {
    port: PORT,
    tags: ["redis"],
    check: { type: "tcp", interval: "10s", timeout: "2s", checkRestart: { limit: 6, grace: "1m" } },
    task: {
      ...programTask(runtime, {
        image: IMAGE,
        installedCommand: "/usr/bin/redis-server",
        entrypoint: ["redis-server"],
        args: [
          `${env.secretsDir}/redis.conf`,
          ...["--bind", listenAddress(runtime, PORT), "--port", env.port(PORT)],
          ...["--maxmemory", `${maxMemory}mb`, "--maxmemory-policy", eviction],
          ...(isKept ? ["--dir", DATA_DIRECTORY, "--appendonly", "yes"] : ["--save", "", "--appendonly", "no"]),
        ],
        container: { ports: [PORT] },
      }),
      user: userOf(runtime, USER),
      // Redis saves what it has on SIGTERM.
      killSignal: "SIGTERM",
      killTimeout: "30s",
      templates: [secretTemplate(options, "redis.conf", `requirepass "${escapedItem("password", '"')}"`)],
      resources: { cpu, memory },
    },
    more: {
      ...(isKept ? ownerTasks(runtime, USER) : {}),
      ...withReady(
        readyTask(options, {
          image: IMAGE,
          user: USER,
          env: { REDIS_CLI: clientOf(runtime), HOST: env.ip(PORT), PORT: env.hostPort(PORT) },
          script: `#!/bin/sh\n"$REDIS_CLI" -h "$HOST" -p "$PORT" <"$NOMAD_SECRETS_DIR/ask" | grep -qx PONG\n`,
          templates: [secretTemplate(options, "ask", `AUTH "${escapedItem("password", '"')}"`, "PING")],
        }),
      ),
    },
  });
}

/** Lines with the password, for the task's own user. A changed password restarts the task. */
function secretTemplate(options: RedisOptions, file: string, ...lines: readonly string[]): Template {
  return {
    ...secretFile(options.runtime, USER),
    destination: `secrets/${file}`,
    errorOnMissingKey: true,
    data: `{{ with nomadVar "${variableOf(options)}" }}${lines.join("\n")}{{ end }}\n`,
  };
}

/** The client beside the server. */
function clientOf(runtime: Runtime | undefined): string {
  if (runtime?.kind !== "installed") return "redis-cli";
  return (runtime.command ?? "/usr/bin/redis-server").replace(/redis-server$/, "redis-cli");
}

/** Redis: a cache, or with a volume a store. @see https://redis.io/docs/latest/ */
export class Redis extends Construct {
  public readonly job: NomadJob;
  /** Name by which callers find it in Nomad's discovery. */
  public readonly serviceName: string;
  /** Nomad variable with its `password`. */
  public readonly variable: string;

  constructor(scope: Construct, id: string, props: RedisProps) {
    super(scope, id);
    const place = patternPlace(this, props.pool);
    assertValid(this.node.path, [...databaseProblems(props), ...dataVolumeProblems(place, props.volume)]);
    this.serviceName = props.service ?? props.name;
    this.variable = variableOf(props);
    const job = redisJob(props, place, dataPlaceOf(place, props.volume));
    this.job = new NomadJob(this, "Job", { job, mounts: dataMounts(props.volume, job) });
  }
}
