import { formatDuration } from "../duration";
import type { Group } from "../group";
import type { Job, JobType } from "../job";
import { isDockerTask, type Task } from "../task";
import { imageRule, imageRules } from "./lints/images";
import { databaseRules, gpuRules, trainingRules } from "./lints/gpu";
import { privilegeRules } from "./lints/privileges";
import { runtimeRules } from "./lints/runtime";
import { secretRules } from "./lints/secrets";
import { type Config, configOf, textsOf } from "./lints/texts";
import { portsOf } from "./network";
import { placementRules } from "./placement";
import { leavesAllocation } from "./paths";
import { taskRestartRules } from "./policies";
import { oneOf, type Report } from "./report";
import { logRules, resourceRules, sidecarLogRules } from "./resources";
import { signalRule } from "./signals";
import { artifactRules, templateRules } from "./templates";
import { mountRules } from "./volumes";
import { actionRules, csiPluginRules, identityRules, secretBlockRules, vaultRules } from "./workload";

/** A task, and where it is. */
export interface TaskPlace {
  readonly path: string;
  readonly name: string;
  readonly task: Task;
  readonly group: Group;
  readonly job: Job;
  readonly type: JobType;
  /** Nanoseconds; 0 for none. */
  readonly progressDeadline: number;
}

/** Rules for one task. */
export function taskRules(report: Report, place: TaskPlace): void {
  const { path, task, group, job, type } = place;
  nameRules(report, place);
  killRules(report, place);
  report.duration(`${path}.shutdownDelay`, task.shutdownDelay);
  resourceRules(report, `${path}.resources`, task.resources, type);
  logRules(report, `${path}.logs`, task.logs, group.ephemeralDisk);
  if (task.restart !== undefined) {
    taskRestartRules(report, `${path}.restart`, task.restart, group.restart ?? {}, type);
  }
  placementRules(report, `${path}.`, task, type, "task");
  lifecycleRules(report, path, task);
  templateRules(report, path, task);
  task.artifacts?.forEach((artifact, index) => artifactRules(report, `${path}.artifacts.${index}`, artifact));
  mountRules(report, path, task, group);
  workloadRules(report, place);
  if (task.kind?.startsWith("connect-proxy:") === true) proxyRules(report, path, task, group);
  const config = configOf(task);
  driverRules(report, path, task, group, config);
  imageRules(report, path, task, config);
  privilegeRules(report, path, task, config);
  gpuRules(report, path, task, group, config);
  trainingRules(report, path, task, group);
  databaseRules(report, path, task, group, config);
  runtimeRules(report, path, job, group, task);
  secretRules(report, path, task, config);
}

function nameRules(report: Report, { path, name, task }: TaskPlace): void {
  if (name === "" || /[/\\\0]/.test(name)) {
    report.error(path, "must have a name without / and \\", name, "rename the task");
  }
  if (name === "alloc") {
    report.error(path, "must not be named alloc: that is a directory of the allocation", name, "rename the task");
  }
  if ((task.driver as string) === "") report.error(`${path}.driver`, "must be named", "", 'write "docker" or "exec"');
}

function killRules(report: Report, { path, task, type, progressDeadline }: TaskPlace): void {
  signalRule(report, `${path}.killSignal`, task.killSignal);
  const timeout = report.duration(`${path}.killTimeout`, task.killTimeout);
  if (timeout === undefined) return;
  if (type === "service" && progressDeadline > 0 && timeout > progressDeadline) {
    const rule = `must be at most the update's progressDeadline (${formatDuration(progressDeadline)})`;
    report.error(`${path}.killTimeout`, rule, task.killTimeout, "lower it, or raise progressDeadline");
  }
  if (timeout > 30_000_000_000) {
    const rule = "is cut to max_kill_timeout of the client, which is 30s";
    report.lint("kill-timeout", `${path}.killTimeout`, rule, task.killTimeout, "stop within 30s");
  }
}

function lifecycleRules(report: Report, path: string, { lifecycle }: Task): void {
  if (lifecycle === undefined) return;
  const { hook, sidecar } = lifecycle as { readonly hook?: string; readonly sidecar?: boolean };
  report.oneOf(`${path}.lifecycle.hook`, hook ?? "", ["prestart", "poststart", "poststop"]);
  if (hook === "poststop" && sidecar === true) {
    report.lint("without-effect", `${path}.lifecycle.sidecar`, "is not used with hook poststop", true, "remove it");
  }
}

function workloadRules(report: Report, { path, task, group, job }: TaskPlace): void {
  identityRules(report, path, task);
  if (task.vault !== undefined) vaultRules(report, `${path}.vault`, task.vault);
  const hasVault = (task.vault ?? group.vault ?? job.vault) !== undefined;
  secretBlockRules(report, `${path}.secrets`, task.secrets, hasVault);
  if (group.secrets !== undefined) secretBlockRules(report, inGroup(path, "secrets"), group.secrets, hasVault);
  if (job.secrets !== undefined) secretBlockRules(report, "secrets", job.secrets, hasVault);
  if (task.actions !== undefined) actionRules(report, `${path}.actions`, task.actions);
  const { partition } = task.consul ?? {};
  const ofGroup = group.consul?.partition ?? "";
  if (partition !== undefined && partition !== "" && ofGroup !== "" && partition !== ofGroup) {
    report.error(`${path}.consul.partition`, `must be the group's, ${ofGroup}`, partition, "remove it");
  }
  if (task.csiPlugin !== undefined) csiPluginRules(report, `${path}.csiPlugin`, task.csiPlugin);
  const { dispatchPayload } = task;
  if (dispatchPayload === undefined) return;
  const at = `${path}.dispatchPayload`;
  if (leavesAllocation("task/local/", dispatchPayload.file)) {
    report.error(
      `${at}.file`,
      "must not leave the allocation's directory",
      dispatchPayload.file,
      "write a file's name",
    );
  }
  report.needed(`${at}.file`, dispatchPayload.file, "name a file");
  if (job.parameterized === undefined) {
    report.lint(
      "without-effect",
      at,
      "is of parameterized jobs",
      undefined,
      "remove it, or add parameterized to the job",
    );
  }
}

function inGroup(path: string, property: string): string {
  return `${path.slice(0, path.indexOf(".tasks."))}.${property}`;
}

/** A proxy that is written by hand instead of by Nomad. */
function proxyRules(report: Report, path: string, task: Task, group: Group): void {
  if ((task.services ?? []).length > 0) {
    report.error(`${path}.services`, "must not be set on a proxy", undefined, "put them into the group");
  }
  if (task.leader === true) report.error(`${path}.leader`, "must not be set on a proxy", true, "remove it");
  const service = task.kind?.slice("connect-proxy:".length) ?? "";
  const meshed = (group.services ?? []).filter((one) => "connect" in one && one.connect?.sidecarService !== undefined);
  if (meshed.some(({ name }) => name === service)) return;
  const names = meshed.flatMap(({ name }) => (name === undefined ? [] : [`connect-proxy:${name}`]));
  report.error(`${path}.kind`, "must name a service of the group with a sidecar", task.kind, oneOf(names));
}

const needed: Readonly<Record<string, readonly [string, string]>> = {
  exec: ["command", "command"],
  exec2: ["command", "command"],
  raw_exec: ["command", "command"],
  qemu: ["imagePath", "image_path"],
};

/** What only the client would find wrong with a driver's configuration. */
function driverRules(report: Report, path: string, task: Task, group: Group, config: Config): void {
  const must = needed[task.driver];
  if (must !== undefined && (config[must[0]] ?? config[must[1]] ?? "") === "") {
    report.needed(`${path}.config.${must[0]}`, undefined, "name the program");
  }
  if (config["ports"] === undefined || (!isDockerTask(task) && task.driver !== "podman")) return;
  const ports = portsOf(group);
  textsOf(config["ports"]).forEach((port, index) => {
    if (Object.hasOwn(ports, port) || port.includes("${")) return;
    const rule = "must be a port of the group's network";
    const fix = oneOf(Object.keys(ports), `add ports: { ${port}: {} }`);
    report.lint("missing-port", `${path}.config.ports.${index}`, rule, port, fix);
  });
}

/** The task that Nomad adds for a proxy of the mesh. */
export function sidecarTaskRules(report: Report, group: Group, groupPath: string): void {
  group.services?.forEach((service, index) => {
    const connect = "connect" in service ? service.connect : undefined;
    const sidecar = connect?.sidecarTask;
    if (sidecar === undefined) return;
    const path = `${groupPath}.services.${index}.connect.sidecarTask`;
    resourceRules(report, `${path}.resources`, sidecar.resources, "service", true);
    sidecarLogRules(report, `${path}.logs`, sidecar.logs ?? {}, group.ephemeralDisk);
    report.duration(`${path}.killTimeout`, sidecar.killTimeout);
    report.duration(`${path}.shutdownDelay`, sidecar.shutdownDelay);
    signalRule(report, `${path}.killSignal`, sidecar.killSignal);
    const image = sidecar.config?.["image"];
    if (typeof image === "string" && image !== "") imageRule(report, `${path}.config.image`, image);
    const task = { env: {}, config: {}, ...sidecar, driver: sidecar.driver ?? "docker" } as unknown as Task;
    privilegeRules(report, path, task, configOf(task));
    secretRules(report, path, task, configOf(task));
  });
}
