import type { DriverConfig } from "../../../constructs/jobspec/driver";
import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Task, TaskOptions } from "../../../constructs/jobspec/task";

/** What a job of the corpus has beside its one group and its one task. */
export interface Parts {
  readonly job?: Omit<Partial<Job>, "id" | "groups">;
  readonly group?: Omit<Partial<Group>, "tasks">;
  readonly task?: TaskOptions;
  /** @default - a command that ends well */
  readonly driver?: DriverConfig;
  /** Tasks beside the main one. @default {} */
  readonly others?: Readonly<Record<string, Task>>;
}

/** A command that does nothing. */
export const command: DriverConfig = { driver: "exec", config: { command: "/bin/sleep", args: ["infinity"] } };

/** A container that exists nowhere. */
export const container: DriverConfig = {
  driver: "docker",
  config: { image: "registry.example.com/team/app:1.4.2" },
};

/** A valid job of one group and one main task. */
export function small(id: string, { job, group, task, driver = command, others }: Parts = {}): Job {
  return { id, ...job, groups: { main: { ...group, tasks: { main: { ...driver, ...task }, ...others } } } };
}

/** A batch job that sets what a service may not. */
export function batch(id: string, parts: Parts = {}): Job {
  return small(id, { ...parts, job: { type: "batch", ...parts.job } });
}

/** A task of a command, with options. */
export function task(options: TaskOptions = {}): Task {
  return { ...command, ...options };
}

/** One job for each of some values. */
export function each<T extends string | number | boolean>(
  prefix: string,
  values: readonly T[],
  parts: (value: T) => Parts,
): Job[] {
  return values.map((value) => small(`${prefix}-${String(value).replace(/[^A-Za-z0-9-]+/g, "-")}`, parts(value)));
}
