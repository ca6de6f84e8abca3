import type { Group } from "../../jobspec/group";
import type { Job } from "../../jobspec/job";
import { type Runtime, programTask, runtimeAllowances } from "../../jobspec/program";
import { env } from "../../jobspec/references";
import { gibibytes, megahertz, mebibytes, parseMebibytes, type Size } from "../../jobspec/size";
import type { Task } from "../../jobspec/task";
import type { Template } from "../../jobspec/template";
import type { JobMount } from "../../nomad/job-mounts";
import { type PatternPlace, servicePort } from "../../nomad/pattern-place";
import { gpuRequest } from "../base/gpus";
import { storeEnvironment, storeGroup, storeMounts } from "./fault-tolerance";
import type { RayClusterProps } from "./options";

/** Ports of worker processes, first and last. */
export type WorkerPorts = readonly [first: number, last: number];

/** Services of the fleet that a cluster has, by `rayServices`. */
export const RAY_SERVICES = ["ray-gcs", "ray-dashboard", "ray-client", "ray-node", "ray-workers"] as const;

/** Ports that each part has beside its own, as Nomad chooses them. */
const NODE_PORTS = ["node", "object", "metrics", "agent", "agent_grpc", "runtime_env"] as const;

/** The head's share of the ports of worker processes, where drivers run: a worker may be on the same machine. */
export function sharePorts([first, last]: WorkerPorts): { readonly head: WorkerPorts; readonly workers: WorkerPorts } {
  const share = Math.floor((last - first + 1) / 5);
  return { head: [first, first + share - 1], workers: [first + share, last] };
}

/** Coordinates the cluster, takes work and shows the dashboard. */
export function headJob(props: RayClusterProps, place: PatternPlace, ports: WorkerPorts): Job {
  const { head, name } = props;
  const memory = head.memory ?? gibibytes(8);
  const args = [
    ...["start", "--head", "--block", `--port=${env.port("gcs")}`],
    ...[`--dashboard-host=${env.ip("dashboard")}`, `--dashboard-port=${env.port("dashboard")}`],
    `--ray-client-server-port=${env.port("client")}`,
    ...nodeArgs("gcs", head.cpus ?? 0, 0, memory, ports, (label) => env.port(label)),
  ];
  const store = storeGroup(props, place);
  const started = task(props, place, { args, memory, cpus: head.cpus ?? 0, gpus: 0 });
  const group: Group = {
    count: 1,
    ...lifetime(),
    ...store.group,
    network: {
      mode: "host",
      ports: {
        gcs: servicePort(place, "ray-gcs"),
        dashboard: servicePort(place, "ray-dashboard"),
        client: servicePort(place, "ray-client"),
        ...nodePorts(),
      },
    },
    services: [
      { name: "ray-gcs", port: "gcs", checks: [{ type: "tcp", interval: "10s", timeout: "3s" }] },
      {
        name: "ray-dashboard",
        port: "dashboard",
        checks: [{ type: "http", path: "/api/version", interval: "30s", timeout: "5s" }],
      },
      { name: "ray-client", port: "client" },
    ],
    tasks: {
      ...store.tasks,
      [RAY_TASK]: { ...started, env: { ...storeEnvironment(props, "head"), ...started.env } },
    },
  };
  return job(props, `${name}-head`, place, "head", group);
}

/**
 * Joins the head. One that moved renders the script again, and its workers join the new one. With a store the head may come back:
 * then workers are not started again for each change, end by themselves when it takes too long, and read the script again.
 */
function joinTemplate({ gcsFaultTolerance }: RayClusterProps): Template {
  const mayComeBack = gcsFaultTolerance !== undefined;
  return {
    destination: "local/join.sh",
    ...(mayComeBack ? { changeMode: "noop" } : {}),
    data: `{{ range nomadService "ray-gcs" }}HEAD={{ .Address }}:{{ .Port }}
{{ end }}
if [ -z "$HEAD" ]; then
  echo "no head is registered yet"
  ${mayComeBack ? 'sleep 5\n  exec /bin/sh "$0" "$@"' : "exec sleep infinity"}
fi
exec "$@" --address="$HEAD"
`,
  };
}

/** Run the tasks; each on a machine of its own. */
export function workersJob(props: RayClusterProps, place: PatternPlace, ports: WorkerPorts, gpus: number): Job {
  const { workers, name, runtime } = props;
  const memory = workers.memory ?? gibibytes(8 + 16 * gpus);
  const cpus = workers.cpus ?? 4;
  const own = nodeArgs("node", cpus, gpus, memory, ports, (label) => env.port(label));
  const ray = runtime?.kind === "installed" ? (runtime.command ?? INSTALLED) : "ray";
  const args = [`${env.taskDir}/join.sh`, ray, "start", "--block", ...own];
  const started = task(props, place, { args, memory, cpus, gpus, shell: true });
  const group: Group = {
    count: workers.count,
    constraints: [{ operator: "distinct_hosts" }],
    ...lifetime(),
    network: { mode: "host", ports: nodePorts() },
    services: [{ name: "ray-node", port: "node", checks: [{ type: "tcp", interval: "10s", timeout: "3s" }] }],
    tasks: {
      [RAY_TASK]: {
        ...started,
        env: { ...storeEnvironment(props, "workers"), ...started.env },
        templates: [joinTemplate(props)],
      },
    },
  };
  return job(props, `${name}-workers`, place, "workers", group);
}

/** What the tasks of a part mount. */
export function partMounts(props: RayClusterProps, group: "head" | "workers"): readonly JobMount[] {
  const { mounts = [] } = props;
  return [
    ...mounts.map((mount) => ({ ...mount, group, task: RAY_TASK })),
    ...(group === "head" ? storeMounts(props, group, RAY_TASK) : []),
  ];
}

/** Name of the task in both groups. */
const RAY_TASK = "ray";
const INSTALLED = "/opt/ray/bin/ray";

/** Ray's processes end with the head; Nomad starts them again for as long as it takes. */
function lifetime(): Pick<Group, "restart" | "shutdownDelay"> {
  return { restart: { attempts: 5, interval: "5m", delay: "10s", mode: "delay" }, shutdownDelay: "5s" };
}

function nodePorts() {
  return Object.fromEntries(NODE_PORTS.map((label) => [label, { hostNetwork: "tailscale" }]));
}

/** @see https://docs.ray.io/en/latest/ray-core/configure.html#ports-configurations */
function nodeArgs(
  addressOf: string,
  cpus: number,
  gpus: number,
  memory: Size,
  [first, last]: WorkerPorts,
  port: (label: (typeof NODE_PORTS)[number]) => string,
): readonly string[] {
  return [
    `--node-ip-address=${env.ip(addressOf)}`,
    `--node-manager-port=${port("node")}`,
    `--object-manager-port=${port("object")}`,
    `--metrics-export-port=${port("metrics")}`,
    `--dashboard-agent-listen-port=${port("agent")}`,
    `--dashboard-agent-grpc-port=${port("agent_grpc")}`,
    `--runtime-env-agent-port=${port("runtime_env")}`,
    `--min-worker-port=${first}`,
    `--max-worker-port=${last}`,
    `--num-cpus=${cpus}`,
    `--num-gpus=${gpus}`,
    `--object-store-memory=${objectStoreMiB(memory) * 1024 * 1024}`,
    // What tasks may ask for. Ray would take the machine's: it reads the limit of a container, and not that of `exec`.
    `--memory=${(Math.floor(parseMebibytes(memory) ?? 0) - objectStoreMiB(memory)) * 1024 * 1024}`,
    "--disable-usage-stats",
  ];
}

/** Ray's own share: 30 % of the memory. */
function objectStoreMiB(memory: Size): number {
  return Math.floor((parseMebibytes(memory) ?? 0) * 0.3);
}

interface Start {
  readonly args: readonly string[];
  readonly memory: Size;
  readonly cpus: number;
  readonly gpus: number;
  /** The arguments begin with a shell script. */
  readonly shell?: boolean;
}

function task(props: RayClusterProps, { pool }: PatternPlace, { args, memory, cpus, gpus, shell }: Start): Task {
  const { runtime } = props;
  const request = gpuRequest(pool, gpus);
  const program: Runtime | undefined =
    runtime?.kind === "installed" && shell === true ? { ...runtime, command: "/bin/sh" } : runtime;
  return {
    ...programTask(program, {
      image: `docker.io/rayproject/ray:2.60.0-py312-${gpus === 0 ? "cpu" : "gpu"}`,
      installedCommand: INSTALLED,
      entrypoint: [shell === true ? "sh" : "ray"],
      args,
      // On the machine's network: Ray's processes call each other by the machine's own address.
      container: {
        networkMode: "host",
        shmSize: mebibytes(Math.ceil(objectStoreMiB(memory) * 1.1)),
        ...request.container,
      },
    }),
    killTimeout: "30s",
    env: { ...request.env, ...KEEPALIVE, ...slowStorage(runtime), ...props.env },
    resources: {
      cpu: megahertz(1000 * Math.max(1, cpus)),
      memory,
      ...(request.devices.length === 0 ? {} : { devices: request.devices }),
    },
  };
}

/**
 * What a machine without power was asked stays without an answer, and Ray would wait for it for seven minutes. With these a call has
 * failed after one, about when Ray gives up a node that sends no heartbeats. A server takes such calls when it has the same setting.
 *
 * @see https://github.com/ray-project/ray/blob/ray-2.60.0/src/ray/common/ray_config_def.h `grpc_client_keepalive_time_ms`
 */
const KEEPALIVE = { RAY_grpc_client_keepalive_time_ms: "30000", RAY_grpc_client_keepalive_timeout_ms: "30000" };

/**
 * Shared memory under `exec` is 64 MiB, so objects are in files of the task's /tmp. Ray refuses that for a store above 10 GB.
 *
 * @see https://github.com/ray-project/ray/blob/ray-2.60.0/python/ray/_private/services.py
 */
function slowStorage(runtime: Runtime | undefined): Readonly<Record<string, string>> {
  const isExec = runtime?.kind === "installed" && runtime.driver !== "raw_exec";
  return isExec ? { RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE: "1" } : {};
}

function job(
  { namespace, runtime }: RayClusterProps,
  id: string,
  place: PatternPlace,
  name: string,
  group: Group,
): Job {
  const allow = runtimeAllowances(runtime);
  return {
    id,
    nodePool: place.poolName,
    ...(namespace === undefined ? {} : { namespace }),
    ...(allow.length === 0 ? {} : { allow }),
    groups: { [name]: group },
  };
}
