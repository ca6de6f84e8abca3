import type { Group } from "../group";
import type { JobType } from "../job";
import type { Resources } from "../resources";
import { parseMebibytes, parseMegahertz } from "../size";
import { type DockerTask, isDockerTask, type Task } from "../task";
import type { Template } from "../template";
import { placementRules } from "./placement";
import { restartRules } from "./policies";
import { isKnown, isLiteral, type Report } from "./report";
import { secretRules } from "./secrets";
import { oneOf } from "./discovery";

/** Rules for one task. */
export function taskRules(report: Report, path: string, name: string, task: Task, group: Group, type: JobType): void {
  if (name === "" || /[/\\\0]/.test(name)) {
    report.error(path, "must have a name without / and \\", name, "rename the task");
  }
  if (task.driver === "") report.error(`${path}.driver`, "must be named");
  report.duration(`${path}.killTimeout`, task.killTimeout);
  report.duration(`${path}.shutdownDelay`, task.shutdownDelay);
  resourceRules(report, `${path}.resources`, task.resources, type);
  restartRules(report, `${path}.restart`, task.restart, type);
  placementRules(report, `${path}.`, task, type, "task");
  task.templates?.forEach((template, index) => templateRules(report, `${path}.templates.${index}`, template));
  const destinations = new Set<string>();
  task.templates?.forEach(({ destination }, index) => {
    if (destinations.has(destination)) {
      report.error(`${path}.templates.${index}.destination`, "must be unique in the task", destination, "rename it");
    }
    destinations.add(destination);
  });
  mountRules(report, path, task, group);
  identityRules(report, path, task);
  if (task.lifecycle?.hook === "poststop" && (task.lifecycle.sidecar as boolean | undefined) === true) {
    report.error(`${path}.lifecycle.sidecar`, "must not be set with hook poststop", true, "remove it");
  }
  report.wholeNumber(`${path}.logs.maxFiles`, task.logs?.maxFiles, 1);
  report.mebibytes(`${path}.logs.maxFileSize`, task.logs?.maxFileSize, 1);
  const logsMiB = (task.logs?.maxFiles ?? 10) * (parseMebibytes(task.logs?.maxFileSize ?? "10MiB") ?? 0);
  const diskMiB = parseMebibytes(group.ephemeralDisk?.size ?? "300MiB") ?? 0;
  if (task.logs?.disabled !== true && logsMiB >= diskMiB) {
    report.error(
      `${path}.logs`,
      `must fit the group's ephemeral disk of ${diskMiB} MiB`,
      `${logsMiB} MiB`,
      "raise ephemeralDisk.size, or keep fewer logs",
    );
  }
  if (isDockerTask(task)) dockerRules(report, path, task, group);
  gpuRules(report, path, task);
  rankRules(report, path, task);
  secretRules(report, path, task);
}

function resourceRules(report: Report, path: string, resources: Resources | undefined, type: JobType): void {
  if (resources === undefined) return;
  if (resources.cpu !== undefined && !((parseMegahertz(resources.cpu) ?? 0) >= 1)) {
    report.error(`${path}.cpu`, "must be a frequency of at least 1MHz, such as 500MHz", resources.cpu);
  }
  report.wholeNumber(`${path}.cores`, resources.cores, 1);
  report.mebibytes(`${path}.memory`, resources.memory, 10);
  if ((resources.cpu as string | undefined) !== undefined && resources.cores !== undefined) {
    report.error(path, "must have cpu or cores, not both", undefined, "remove one of them");
  }
  const { memory = "300MiB", memoryMax } = resources;
  if (memoryMax !== undefined && memoryMax !== "unlimited") {
    report.mebibytes(`${path}.memoryMax`, memoryMax, 10);
    if ((parseMebibytes(memoryMax) ?? Infinity) < (parseMebibytes(memory) ?? 0)) {
      report.error(`${path}.memoryMax`, `must be at least memory (${memory})`, memoryMax, "raise it");
    }
  }
  resources.devices?.forEach((device, index) => {
    const at = `${path}.devices.${index}`;
    report.wholeNumber(`${at}.count`, device.count, 1);
    report.matches(
      `${at}.name`,
      device.name,
      /^[^/]+(\/[^/]+){0,2}$/,
      "must be type, vendor/type or vendor/type/model",
    );
    placementRules(report, `${at}.`, device, type, "device");
  });
}

function templateRules(report: Report, path: string, template: Template): void {
  if ((template.data === undefined) === (template.source === undefined)) {
    report.error(path, "must have exactly one of data and source", undefined, "set one of them");
  }
  const { destination } = template;
  if (destination === "") report.error(`${path}.destination`, "must not be empty");
  if (isLiteral(destination) && destination.split("/").includes("..")) {
    report.error(
      `${path}.destination`,
      "must not leave the task's directory",
      destination,
      "begin with local/ or secrets/",
    );
  }
  const mode = template.changeMode ?? "restart";
  if (mode === "signal" && template.changeSignal === undefined) {
    report.error(`${path}.changeSignal`, "is needed by changeMode signal", undefined, 'add changeSignal: "SIGHUP"');
  }
  if (mode === "script" && template.changeScript === undefined) {
    report.error(`${path}.changeScript`, "is needed by changeMode script", undefined, "add a command");
  }
  if (mode === "signal" && template.env === true) {
    report.error(`${path}.env`, "must not be set with changeMode signal", true, "use changeMode restart");
  }
  report.duration(`${path}.splay`, template.splay);
  report.duration(`${path}.changeScript.timeout`, template.changeScript?.timeout);
  report.duration(`${path}.wait.min`, template.wait?.min);
  report.duration(`${path}.wait.max`, template.wait?.max);
}

function mountRules(report: Report, path: string, task: Task, group: Group): void {
  task.volumeMounts?.forEach((mount, index) => {
    const at = `${path}.volumeMounts.${index}`;
    const volumes = group.volumes ?? {};
    const volume = Object.hasOwn(volumes, mount.volume) ? volumes[mount.volume] : undefined;
    if (volume === undefined) {
      report.error(
        `${at}.volume`,
        "must be a volume of the group",
        mount.volume,
        oneOf(Object.keys(volumes), `add volumes: { ${mount.volume}: … } to the group`),
      );
    } else if (volume.readOnly === true && mount.readOnly === false) {
      report.error(
        `${at}.readOnly`,
        "must be true: the volume is read-only",
        false,
        "set it, or make the volume writable",
      );
    }
    if (mount.destination === "") report.error(`${at}.destination`, "must not be empty");
  });
}

function identityRules(report: Report, path: string, task: Task): void {
  const names = new Set<string>();
  task.identities?.forEach((identity, index) => {
    const at = `${path}.identities.${index}`;
    const name = identity.name ?? "default";
    report.matches(`${at}.name`, name, /^[a-zA-Z0-9-_]{1,128}$/, "must be letters, digits, - and _, at most 128");
    if (names.has(name)) report.error(`${at}.name`, "must be unique in the task", name, "rename it");
    names.add(name);
    const ttl = report.duration(`${at}.ttl`, identity.ttl);
    if (name === "default" && ttl !== undefined && ttl > 0) {
      report.error(`${at}.ttl`, "must not be set on the default identity", identity.ttl, "name the identity");
    }
    if (name !== "default" && (identity.aud?.length ?? 0) === 0) {
      report.error(`${at}.aud`, "must name an audience", undefined, 'add one, for example ["vault.io"]');
    }
    if (identity.changeMode === "signal" && identity.changeSignal === undefined) {
      report.error(`${at}.changeSignal`, "is needed by changeMode signal", undefined, 'add changeSignal: "SIGHUP"');
    }
  });
}

const floating = new Set(["main", "master", "nightly", "edge", "stable", "dev", "devel", "rolling"]);

function dockerRules(report: Report, path: string, task: DockerTask, group: Group): void {
  const { image } = task.config;
  imageRule(report, `${path}.config.image`, image);
  task.config.ports?.forEach((port, index) => {
    const ports = group.network?.ports ?? {};
    if (!Object.hasOwn(ports, port)) {
      report.error(
        `${path}.config.ports.${index}`,
        "must be a port of the group's network",
        port,
        oneOf(Object.keys(ports), `add ports: { ${port}: {} }`),
      );
    }
  });
}

/** A tag that moves gives every node another program, at a time that nobody chose. */
function imageRule(report: Report, path: string, image: string): void {
  if (image === "") report.error(path, "must not be empty");
  if (image === "" || !isKnown(image) || image.includes("@sha256:") || image.includes("${")) return;
  const fix = "name a version (repo:1.2.3) or a digest (repo@sha256:…)";
  const last = image.slice(image.lastIndexOf("/") + 1);
  const tag = last.includes(":") ? last.slice(last.indexOf(":") + 1) : "";
  if (tag === "") report.error(path, "must have a version: without a tag it means latest", image, fix);
  else if (tag === "latest") report.error(path, "must not float", image, fix);
  else if (floating.has(tag)) report.warning(path, "has a tag that moves", image, fix);
}

/** The device plugin decides which GPUs a task sees. */
function gpuRules(report: Report, path: string, task: Task): void {
  const variable = task.env?.["NVIDIA_VISIBLE_DEVICES"];
  if (variable !== undefined) {
    report.error(
      `${path}.env.NVIDIA_VISIBLE_DEVICES`,
      "must not be set: it overrides the GPUs that the scheduler assigned",
      variable,
      'remove it and ask for resources.devices: [{ name: "nvidia/gpu" }]',
    );
  }
  if (!isDockerTask(task)) return;
  const { config } = task;
  const byHand = [
    ...(config.devices ?? []).map((device, index) => [`devices.${index}`, device.hostPath] as const),
    ...(config.volumes ?? []).map((volume, index) => [`volumes.${index}`, volume] as const),
    ...(config.mounts ?? []).map((mount, index) => [`mounts.${index}`, mount.source ?? ""] as const),
  ];
  for (const [at, source] of byHand) {
    if (!source.startsWith("/dev/nvidia")) continue;
    report.error(
      `${path}.config.${at}`,
      "must not be mounted by hand: the device plugin does",
      source,
      'remove it and ask for resources.devices: [{ name: "nvidia/gpu" }]',
    );
  }
}

/** `NOMAD_ALLOC_INDEX` is a rank, never a number of workers. */
function rankRules(report: Report, path: string, task: Task): void {
  const world = task.env?.["WORLD_SIZE"];
  if (world !== undefined && world.includes("NOMAD_ALLOC_INDEX")) {
    report.error(
      `${path}.env.WORLD_SIZE`,
      "must be the number of workers, not the index of this one",
      world,
      "set it to the group's count; the index is RANK",
    );
  }
  const master = task.env?.["MASTER_ADDR"];
  if (master !== undefined && /NOMAD_(IP|ADDR|HOST_IP)_|attr\.unique\.network/.test(master)) {
    report.error(
      `${path}.env.MASTER_ADDR`,
      "must be the address of rank 0: with its own address every worker is its own master",
      master,
      "register a service for rank 0 and read its address with a template",
    );
  }
}
