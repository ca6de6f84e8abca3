import { readFileSync } from "node:fs";
import type { Check } from "../../constructs/jobspec/check";
import type { DockerConfig } from "../../constructs/jobspec/drivers/docker";
import type { ExecConfig } from "../../constructs/jobspec/drivers/processes";
import type { Group } from "../../constructs/jobspec/group";
import type { Job } from "../../constructs/jobspec/job";
import type { NomadService, Service } from "../../constructs/jobspec/service";
import { isDockerTask, type Task } from "../../constructs/jobspec/task";
import type { Volume } from "../../constructs/jobspec/volume";

/**
 * The same job for a machine without Docker, images, CSI plugins and other people's patience. Replaced by stand-ins:
 *
 * - a container by a process in a chroot of its own (`exec`), where programs of `stand-in-programs.ts` have the names of those in
 *   the image; command, arguments, environment and templates stay;
 * - a CSI volume by a host volume of its name;
 * - a fixed port by a free one, since all clients share one machine;
 * - waiting times by short ones: checks, health, restarts, splay.
 *
 * All else is the job's: placement, devices, network, services, lifecycle, variables, policies.
 */
export function standIn(job: Job): Job {
  const groups = Object.entries(job.groups).map(([name, group]) => [name, groupStandIn(group, job)] as const);
  return {
    ...job,
    ...(job.update === undefined ? {} : { update: { ...job.update, minHealthyTime: "1s" } }),
    groups: Object.fromEntries(groups),
  };
}

function groupStandIn(group: Group, job: Job): Group {
  const { network, volumes = {}, tasks } = group;
  const rolls = job.type === undefined || job.type === "service";
  return {
    ...group,
    shutdownDelay: "0s",
    ...(rolls ? { update: { ...group.update, minHealthyTime: "1s" } } : {}),
    ...(group.restart === undefined ? {} : { restart: { ...group.restart, delay: "1s" } }),
    ...(network === undefined ? {} : { network: { ...network, ports: withoutStatic(network.ports ?? {}) } }),
    volumes: mapValues(volumes, hostVolume),
    services: (group.services ?? []).map(hurried),
    tasks: mapValues(tasks, taskStandIn),
  };
}

function withoutStatic(ports: NonNullable<NonNullable<Group["network"]>["ports"]>): typeof ports {
  return mapValues(ports, ({ static: _fixed, ...port }) => port);
}

function hostVolume(volume: Volume): Volume {
  if (volume.type === "host") return volume;
  return { type: "host", source: volume.source, readOnly: volume.readOnly ?? false };
}

function hurried(service: Service): NomadService {
  if (service.provider === "consul") throw new Error("the seeds' services are Nomad's own");
  const checks = (service.checks ?? []).map(<C extends Check>(check: C): C => ({
    ...check,
    interval: "1s",
    timeout: "1s",
  }));
  return { ...service, checks };
}

function taskStandIn(task: Task): Task {
  if (!isDockerTask(task)) throw new Error("the seeds' tasks are containers");
  const { config, user, templates = [], ...rest } = task;
  return {
    ...rest,
    ...(user === undefined ? {} : { user: userName(user) }),
    driver: "exec",
    config: processOf(config),
    killTimeout: "500ms",
    templates: templates.map((template) => ({ ...template, splay: "0s" })),
  };
}

/** Docker takes numbers, exec the name of a user of the machine; one without a name is root here. */
function userName(user: string): string {
  const [id = ""] = user.split(":");
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  return lines.map((line) => line.split(":")).find(([, , uid]) => uid === id)?.[0] ?? "root";
}

/** What Docker would run, with `serve` for the image's own entrypoint. Its bind mounts of `local/…` are read in place. */
function processOf({ entrypoint, command, args = [], mounts = [] }: DockerConfig): ExecConfig {
  const [program = command ?? "serve", ...before] = entrypoint ?? [];
  const words = [...before, ...args].map((word) => {
    const mount = mounts.find(({ target }) => word.startsWith(`${target}/`));
    return mount === undefined ? word : `/${mount.source ?? ""}${word.slice(mount.target.length)}`;
  });
  return { command: program, args: words };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
