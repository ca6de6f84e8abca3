import type { Group } from "../../group";
import type { Task } from "../../task";
import { isKnownNumber, isLiteral, type Report } from "../report";
import { portsOf } from "../network";
import { mountedDevices, mountedSources } from "./privileges";
import { type Config, textsOf } from "./texts";

const askForDevice = 'remove it and ask for resources.devices: [{ name: "nvidia/gpu" }]';

function asksForGpu(task: Task): boolean {
  return task.resources?.devices?.some(({ name }) => name.split("/").includes("gpu")) === true;
}

/** The device plugin decides which GPUs a task sees. */
export function gpuRules(report: Report, path: string, task: Task, group: Group, config: Config): void {
  const variable = task.env?.["NVIDIA_VISIBLE_DEVICES"];
  if (variable !== undefined) {
    report.lint(
      "gpu-visible-devices",
      `${path}.env.NVIDIA_VISIBLE_DEVICES`,
      "must not be set: it overrides the GPUs that the scheduler assigned",
      variable,
      askForDevice,
    );
  }
  for (const [at, source] of [...mountedDevices(config), ...mountedSources(config)]) {
    if (!source.startsWith("/dev/nvidia") && !source.startsWith("/dev/kfd") && !source.startsWith("/dev/dri")) continue;
    const rule = "must not be mounted by hand: the device plugin does";
    report.lint("gpu-by-hand", `${path}.config.${at}`, rule, source, askForDevice);
  }
  if (config["runtime"] === "nvidia" && !asksForGpu(task)) {
    const rule = "needs a device: without one the task sees all GPUs of the host";
    report.lint("gpu-without-device", `${path}.config.runtime`, rule, "nvidia", askForDevice);
  }
  modelRules(report, path, task, group, config);
}

const programParts = ["command", "image", "entrypoint", "args"] as const;
const router = /sglang[-_]router/;

function namesRouter(value: unknown): boolean {
  if (typeof value === "string") return router.test(value);
  return Array.isArray(value) && value.some((word) => typeof word === "string" && router.test(word));
}

/** Programs that serve models. */
function modelRules(report: Report, path: string, task: Task, group: Group, config: Config): void {
  const models = task.env?.["OLLAMA_MODELS"];
  if (models !== undefined && isLiteral(models) && !models.startsWith("/") && /[,:]/.test(models)) {
    const rule = "must be the directory of the models";
    const fix = "name a directory, and pull the models in a poststart task (ollama pull)";
    report.lint("ollama-models", `${path}.env.OLLAMA_MODELS`, rule, models, fix);
  }
  const isRouter = programParts.some((name) => namesRouter(config[name]));
  if (!isRouter) return;
  const words = programParts.flatMap((name) => textsOf(config[name]));
  const namesWorkers = words.some((word) => /--(worker-urls|prefill|decode|service-discovery)\b/.test(word));
  if (!namesWorkers && !isToldOfWorkers(task, group)) {
    const fix = "add --worker-urls with their addresses, from a template";
    report.lint("router-without-workers", `${path}.config.args`, "must name the workers", undefined, fix);
  }
  if (asksForGpu(task)) {
    report.lint("router-gpu", `${path}.resources.devices`, "is of no use to a router", undefined, "remove it");
  }
}

/** Whether a task beside the router looks up services: it can tell the router of workers while that runs. */
function isToldOfWorkers(router: Task, { tasks }: Group): boolean {
  return Object.values(tasks).some(
    (task) => task !== router && task.templates?.some(({ data = "" }) => /\bnomadService\b/.test(data)) === true,
  );
}

const ownAddress =
  /NOMAD_(IP|ADDR|HOST_IP|HOST_ADDR|ALLOC_IP|ALLOC_ADDR)_|attr\.unique\.(network|hostname)|node\.unique\./;

/** How workers of a training find each other. */
export function trainingRules(report: Report, path: string, task: Task, group: Group): void {
  const { env } = task;
  if (env === undefined) return;
  const count = group.count ?? group.scaling?.min ?? 1;
  const { WORLD_SIZE: world, RANK: rank, MASTER_ADDR: master } = env;
  if (world !== undefined) worldRule(report, `${path}.env.WORLD_SIZE`, world, count);
  if (rank !== undefined && /^\d+$/.test(rank) && isKnownNumber(count) && count > 1) {
    const rule = `must differ between the ${count} allocations of the group`;
    report.lint("same-rank", `${path}.env.RANK`, rule, rank, 'write "${NOMAD_ALLOC_INDEX}"');
  }
  if (master !== undefined && ownAddress.test(master)) {
    report.lint(
      "own-master",
      `${path}.env.MASTER_ADDR`,
      "must be the address of rank 0: with its own address every worker is its own master",
      master,
      "register a service for rank 0 and read its address with a template",
    );
  }
  rendezvousRule(report, path, env, group);
}

function worldRule(report: Report, path: string, world: string, count: number): void {
  if (world.includes("NOMAD_ALLOC_INDEX")) {
    const rule = "must be the number of workers, not the index of this one";
    report.lint("world-size", path, rule, world, "set it to the group's count; the index is RANK");
  } else if (/^\d+$/.test(world) && isKnownNumber(count) && count > 0 && Number(world) % count !== 0) {
    const rule = `must be a multiple of the group's count (${count})`;
    report.lint("world-size", path, rule, world, "set it to count × processes per allocation");
  }
}

function rendezvousRule(report: Report, path: string, env: Readonly<Record<string, string>>, group: Group): void {
  const isTraining = ["MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE"].some((name) => env[name] !== undefined);
  if (!isTraining) return;
  for (const [label, port] of Object.entries(portsOf(group))) {
    const number = port.static ?? 0;
    const isNamed = /^(master|rendezvous|rdzv|nccl|torch|dist)/i.test(label);
    if (number === 0 || !(isNamed || number === 29_500 || env["MASTER_PORT"] === String(number))) continue;
    const at = `${path.replace(/\.tasks\..*$/, "")}.network.ports.${label}.static`;
    const fix = "leave the port dynamic, and read it from the service with a template";
    report.lint("static-rendezvous", at, "lets one training run per host", number, fix);
  }
}

const databases =
  /(^|\/)(postgres|postgresql|timescaledb|pgvector|mysql|mariadb|mongo|neo4j|surrealdb|redis|etcd|cockroach|clickhouse(-server)?|rocksdb|influxdb|qdrant|milvus|weaviate|cassandra)([:@-]|$)/;

/** Data of a database on a volume that several nodes may write. */
export function databaseRules(report: Report, path: string, task: Task, group: Group, config: Config): void {
  if (task.volumeMounts === undefined) return;
  const { image } = config as { readonly image?: unknown };
  if (typeof image !== "string" || !databases.test(image)) return;
  task.volumeMounts.forEach(({ volume: name, readOnly }, index) => {
    const volume = Object.hasOwn(group.volumes ?? {}, name) ? group.volumes?.[name] : undefined;
    if (volume?.type !== "csi" || readOnly === true || !volume.accessMode.startsWith("multi-node-m")) return;
    const rule = `is on a volume for several nodes (${volume.accessMode}), where databases corrupt their files`;
    report.lint("shared-database", `${path}.volumeMounts.${index}`, rule, name, "use a single-node-writer volume");
  });
}
