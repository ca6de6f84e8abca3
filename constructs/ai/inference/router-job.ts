import { minutes, seconds } from "../../jobspec/duration";
import type { Group } from "../../jobspec/group";
import type { Job } from "../../jobspec/job";
import { listenAddress, programTask, type Runtime, runtimeAllowances } from "../../jobspec/program";
import { env } from "../../jobspec/references";
import type { Task } from "../../jobspec/task";
import { type PatternPlace, servicePort } from "../../nomad/pattern-place";
import { rollout } from "./health";
import { edgeDisconnect } from "../base/edge";
import { hasRoomForOneMore, HTTP_PORT } from "./job";
import type { SglangRouterOptions } from "./router";
import { SYNC_WORKERS } from "./router-script";

/** Port of the router's metrics, on the machine's tailnet address where the program is installed. */
const METRICS_PORT = "metrics";

/** What the job is made from. */
export interface RouterJobOptions extends Omit<SglangRouterOptions, "workers" | "workerHealthPath"> {
  /** Service of the workers. */
  readonly workerService: string;
  /** Path at which a worker says that it can answer. */
  readonly workerHealthPath: string;
}

const program = {
  image: "docker.io/lmsysorg/sgl-model-gateway:v0.3.2",
  installedCommand: "/opt/sglang/bin/python3",
  entrypoint: ["python3"],
} as const;

/** The job of a router: the router, and beside it a task that tells it of workers. */
export function routerJob(options: RouterJobOptions, place: PatternPlace): Job {
  const { name, namespace, service = name, replicas = 1, loadMinutes = 30, drainSeconds = 30 } = options;
  const allow = runtimeAllowances(options.runtime);
  const group: Group = {
    count: replicas,
    shutdownDelay: seconds(drainSeconds),
    network: {
      ports: { [HTTP_PORT]: servicePort(place, service), [METRICS_PORT]: { hostNetwork: "tailscale" } },
    },
    services: [
      {
        name: service,
        port: HTTP_PORT,
        tags: ["engine=sglang-router"],
        checks: [
          {
            name: "alive",
            type: "http",
            path: "/liveness",
            interval: "10s",
            timeout: "5s",
            checkRestart: { limit: 3, grace: "1m" },
          },
          // A new router takes over once it has a worker; one without is not restarted, that brings no worker back.
          { name: "has a worker", type: "http", path: "/readiness", interval: "5s", timeout: "5s" },
        ],
      },
    ],
    restart: { attempts: 3, delay: "5s", interval: "5m", mode: "delay" },
    reschedule: { delay: "5s", delayFunction: "exponential", maxDelay: minutes(5), unlimited: true },
    ...(place.pool.edge === undefined ? {} : { disconnect: edgeDisconnect(place.pool.edge) }),
    tasks: { router: routerTask(options), workers: workersTask(options) },
  };
  const job: Job = {
    id: name,
    nodePool: place.poolName,
    ...(namespace === undefined ? {} : { namespace }),
    groups: { router: group },
    ...(allow.length === 0 ? {} : { allow }),
  };
  return { ...job, update: rollout(hasRoomForOneMore(job, place) ? "canary" : "rolling", loadMinutes) };
}

function routerTask(options: RouterJobOptions): Task {
  const { runtime, cpu = "2GHz", memory = "2GiB" } = options;
  return {
    ...programTask(runtime, {
      ...program,
      args: routerArgs(options, listenAddress(runtime, HTTP_PORT)),
      container: { ports: [HTTP_PORT, METRICS_PORT] },
    }),
    killTimeout: "30s",
    killSignal: "SIGTERM",
    resources: { cpu, memory },
  };
}

function routerArgs(options: RouterJobOptions, address: string): readonly string[] {
  const { policy = "cache_aware", retries = 5, failuresUntilOpen = 3, openSeconds = 15 } = options;
  const { requestTimeoutSeconds = 1800, routerArgs: more = [] } = options;
  return [
    ...["-m", "sglang_router.launch_router", "--host", address, "--port", env.port(HTTP_PORT)],
    ...["--prometheus-host", address, "--prometheus-port", env.port(METRICS_PORT)],
    ...["--policy", policy, "--retry-max-retries", String(retries)],
    ...["--cb-failure-threshold", String(failuresUntilOpen), "--cb-timeout-duration-secs", String(openSeconds)],
    // A worker out of reach is found within half a minute; the router's own interval is a minute.
    ...["--health-check-interval-secs", "10", "--health-check-endpoint", options.workerHealthPath],
    ...["--request-timeout-secs", String(requestTimeoutSeconds)],
    // The client kills what takes longer.
    ...["--shutdown-grace-period-secs", "25"],
    ...more,
  ];
}

/** Tells the router of workers: {@link SYNC_WORKERS}. */
function workersTask({ runtime, workerService, workerHealthPath }: RouterJobOptions): Task {
  return {
    ...programTask(runtime, { ...program, args: ["${NOMAD_TASK_DIR}/sync.py"] }),
    lifecycle: { hook: "poststart", sidecar: true },
    env: { ROUTER: routerAddress(runtime), WORKER_HEALTH: workerHealthPath },
    templates: [
      { destination: "local/sync.py", data: SYNC_WORKERS, leftDelimiter: "[[", rightDelimiter: "]]" },
      {
        destination: "local/workers",
        changeMode: "noop",
        data: `{{ range nomadService "${workerService}" }}http://{{ .Address }}:{{ .Port }}\n{{ end }}\n`,
      },
    ],
    resources: { cpu: "100MHz", memory: "128MiB" },
  };
}

/** The router as its neighbour reaches it. */
function routerAddress(runtime: Runtime | undefined): string {
  return runtime?.kind === "installed" ? env.addr(HTTP_PORT) : env.hostAddr(HTTP_PORT);
}
