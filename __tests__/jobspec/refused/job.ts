import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Task } from "../../../constructs/jobspec/task";

/** The smallest task. */
export const task: Task = { driver: "exec", config: { command: "/bin/true" } };

/** A small valid job, with changes. */
export function job(changes: Partial<Job> = {}, group: Partial<Group> = {}, options: Partial<Task> = {}): Job {
  return {
    id: "web",
    groups: { web: { ...group, tasks: group.tasks ?? { web: { ...task, ...options } as Task } } },
    ...changes,
  };
}

/** Changes that the types do not allow. */
export function wrong(changes: object): never {
  return changes as never;
}

/** A job whose group has a port and services. */
export function serving(...services: readonly object[]): Job {
  return job({}, { shutdownDelay: "1s", network: { ports: { http: {} } }, services: services });
}

/** A job with one service of Nomad's own discovery and one check. */
export function checked(check: object, service: object = {}): Job {
  const whole = { type: "tcp", interval: "10s", timeout: "2s", ...check };
  return serving({ name: "web", port: "http", ...service, checks: [whole] });
}

/** A job with one service of Consul and one check. */
export function checkedByConsul(check: object, service: object = {}): Job {
  return checked(check, { provider: "consul", ...service });
}

/** A job whose task has services. */
export function servingInTask(...services: readonly object[]): Job {
  return job({}, { shutdownDelay: "1s", network: { ports: { http: {} } } }, { services: services });
}

/** A job with one service in the mesh. */
export function meshed(connect: object, service: object = {}, group: object = {}): Job {
  const services = [{ provider: "consul", name: "web", port: "8080", ...service, connect }];
  return job({}, { shutdownDelay: "1s", network: { mode: "bridge" }, services: services as never, ...group });
}
