import type { Group } from "./group";
import type { Job } from "./job";
import type { Task } from "./task";
import type { Secret } from "./workload";

type Secrets = Readonly<Record<string, Secret>>;

/**
 * Hands what a job and its groups have for all tasks down to the tasks, as Nomad's HCL parser does: `vault` where a task has
 * none, `secrets` in addition.
 */
export function inherit(job: Job): Job {
  const { vault, secrets, ...rest } = job;
  const isPlain = vault === undefined && secrets === undefined;
  if (isPlain && Object.values(job.groups).every((group) => group.vault === undefined && group.secrets === undefined)) {
    return job;
  }
  const groups = Object.entries(job.groups).map(([name, group]) => {
    const { vault: ofGroup = vault, secrets: own, ...others } = group;
    return [name, withTasks(others, ofGroup, merged(own, secrets))] as const;
  });
  return { ...rest, groups: Object.fromEntries(groups) };
}

function withTasks(group: Group, vault: Group["vault"], secrets: Secrets | undefined): Group {
  const tasks = Object.entries(group.tasks).map(([name, task]): readonly [string, Task] => {
    const all = merged(task.secrets, secrets);
    return [
      name,
      {
        ...task,
        ...(vault === undefined ? {} : { vault: task.vault ?? vault }),
        ...(all === undefined ? {} : { secrets: all }),
      },
    ];
  });
  return { ...group, tasks: Object.fromEntries(tasks) };
}

function merged(inner: Secrets | undefined, outer: Secrets | undefined): Secrets | undefined {
  return outer === undefined ? inner : { ...(inner ?? {}), ...outer };
}

/**
 * The job with secrets handed down wherever Nomad's own parser gets it wrong: it repeats a task's own secrets instead of adding
 * the group's (seen with 1.11.3).
 */
export function inheritSecrets(job: Job): Job {
  const groups = Object.entries(job.groups).map(([name, group]): readonly [string, Group] => {
    const { secrets, ...others } = group;
    const clash = secrets !== undefined && Object.values(group.tasks).some((task) => task.secrets !== undefined);
    return [name, clash ? withTasks(others, undefined, secrets) : group];
  });
  return { ...job, groups: Object.fromEntries(groups) };
}
