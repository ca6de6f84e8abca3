import type { CsiPlugin } from "../../model/volume-types";
import { controllerPoolOf, controllersOf } from "../../model/volumes";
import type { CsiProgram, CsiRole } from "../../model/csi-driver";
import type { Fleet } from "../../model/types";
import type { Allowance, Job } from "../jobspec/job";
import type { Task } from "../jobspec/task";

/** Group and task of a plugin's jobs. */
const NAME = "plugin";

/** Where Nomad keeps its clients' files on machines of a fleet's own data directory. */
export type ClientDirectoryOf = (pool: string) => string;

/** A plugin's job, and what it does. */
export interface CsiPluginJob {
  readonly role: CsiRole;
  readonly job: Job;
}

/**
 * Jobs of a CSI plugin: one with its controllers, and for each of its pools one that runs on every machine and mounts.
 *
 * Nodes outlive a drain's other work, since system jobs are drained last, so that volumes can be unmounted.
 *
 * @param id - the plugin's, as volumes name it.
 * @param clientDirectory - `<data_dir>/client` of a pool's machines; programs without a container mount there.
 */
export function csiPluginJobs(
  fleet: Fleet,
  id: string,
  plugin: CsiPlugin,
  clientDirectory: ClientDirectoryOf,
): readonly CsiPluginJob[] {
  const { programs } = plugin.driver;
  const jobs: CsiPluginJob[] = [];
  const controllerPool = controllerPoolOf(plugin);
  if (programs.controller !== undefined && controllerPool !== undefined)
    jobs.push({
      role: "controller",
      job: pluginJob(id, "controller", controllerPool, programs.controller, {
        name: `csi-${id}-controller`,
        count: controllersOf(fleet, plugin),
        clientDirectory,
        fleet,
      }),
    });
  const [role, program] =
    programs.monolith === undefined ? (["node", programs.node] as const) : (["monolith", programs.monolith] as const);
  for (const pool of plugin.pools)
    jobs.push({
      role,
      job: pluginJob(id, role, pool, program, { name: `csi-${id}-${pool}`, clientDirectory, fleet }),
    });
  return jobs;
}

interface JobSettings {
  readonly name: string;
  /** @default - one on every machine */
  readonly count?: number;
  readonly clientDirectory: ClientDirectoryOf;
  readonly fleet: Fleet;
}

function pluginJob(id: string, role: CsiRole, pool: string, program: CsiProgram, settings: JobSettings): Job {
  const { name, count, clientDirectory, fleet } = settings;
  const edge = fleet.pools[pool]?.edge;
  return {
    id: name,
    type: count === undefined ? "system" : "service",
    nodePool: pool,
    // Nothing else may take its place: without it volumes can be neither mounted nor let go.
    priority: 90,
    meta: { fleet: fleet.name },
    allow: allowances(program, role),
    groups: {
      [NAME]: {
        ...(count === undefined ? {} : { count }),
        // A machine that comes back finds its plugin at work, with what it mounted.
        ...(edge === undefined ? {} : { disconnect: { lostAfter: `${edge.toleratedDisconnectSeconds ?? 3600}s` } }),
        ...(count !== undefined && count > 1 ? { constraints: [{ operator: "distinct_hosts", value: "true" }] } : {}),
        tasks: { [NAME]: pluginTask(id, role, program, clientDirectory(pool)) },
      },
    },
  };
}

function pluginTask(id: string, role: CsiRole, program: CsiProgram, clientDirectory: string): Task {
  const { args, env, templates = [], mountDir = "/csi", cpuMHz = 200, memoryMiB = 256 } = program;
  const common = {
    ...(env === undefined ? {} : { env }),
    ...(templates.length === 0
      ? {}
      : { templates: templates.map(({ destination, data }) => ({ destination, data, perms: "0600" })) }),
    resources: { cpu: `${cpuMHz}MHz`, memory: `${memoryMiB}MiB` },
    killTimeout: "30s",
  } as const;
  const csiPlugin = { id, type: role, mountDir, healthTimeout: `${program.healthTimeoutSeconds ?? 60}s` } as const;
  if (program.image === undefined)
    return {
      ...common,
      // The program sees the machine's own directories: it must mount where Nomad looks.
      csiPlugin: { ...csiPlugin, stagePublishBaseDir: `${clientDirectory}/csi/${role}/${id}` },
      driver: "raw_exec",
      config: { command: program.command, args },
    };
  const { image, privileged, hostNetwork, hostIpc, hostPaths = [] } = program;
  return {
    ...common,
    csiPlugin,
    driver: "docker",
    config: {
      image,
      args,
      ...(privileged === true ? { privileged } : {}),
      ...(hostNetwork === true ? { networkMode: "host" } : {}),
      ...(hostIpc === true ? { ipcMode: "host" } : {}),
      ...(hostPaths.length === 0
        ? {}
        : {
            mounts: hostPaths.map(({ host, container, shared = false, readOnly = false }) => ({
              type: "bind" as const,
              source: host,
              target: container,
              readonly: readOnly,
              ...(shared ? { bindOptions: { propagation: "rshared" as const } } : {}),
            })),
          }),
    },
  };
}

/** Rules that a plugin breaks because it is one. */
function allowances(program: CsiProgram, role: CsiRole): readonly Allowance[] {
  const allow = (rule: string, reason: string) => ({ rule, path: `groups.${NAME}.tasks.${NAME}`, reason });
  if (program.image === undefined)
    return [allow("raw-exec", "a CSI plugin without a container image mounts on the machine itself")];
  return [
    ...(program.privileged === true
      ? [allow("privileged", `a CSI ${role} plugin mounts volumes for other tasks`)]
      : []),
    ...(program.hostIpc === true ? [allow("host-namespace", "the machine's iSCSI service is asked over its IPC")] : []),
  ];
}
