import { isObject } from "../../constructs/jobspec/json-value";
import { effective, effectiveList, type Part, partOf } from "./effective";

/** Why an allocation of a group cannot go on as it is. */
export interface Cause {
  /** What changed, below the group. Shape: `tasks.web.config`. */
  readonly path: string;
}

/** A group within its job, by the names of Nomad's API. */
export interface GroupOfJob {
  readonly job: Part;
  readonly group: Part;
}

/**
 * What makes Nomad replace the allocations of a group: nothing that a running task could not take over in place.
 *
 * @see https://github.com/hashicorp/nomad/blob/v1.11.3/scheduler/util.go - `tasksUpdated`
 */
export function causesOf(before: GroupOfJob, after: GroupOfJob): readonly Cause[] {
  const ofGroup = differing("", groupParts(before), groupParts(after));
  const tasks = { before: tasksOf(before.group), after: tasksOf(after.group) };
  const names = [...new Set([...tasks.before.keys(), ...tasks.after.keys()])];
  return [
    ...ofGroup,
    ...names.flatMap((name) => {
      const was = tasks.before.get(name);
      const is = tasks.after.get(name);
      if (was === undefined || is === undefined) return [{ path: `tasks.${name}` }];
      return differing(`tasks.${name}.`, taskParts(before, was), taskParts(after, is));
    }),
  ];
}

function differing(prefix: string, before: Part, after: Part): readonly Cause[] {
  return Object.keys(before)
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => ({ path: `${prefix}${key}` }));
}

function groupParts({ group }: GroupOfJob): Part {
  return {
    ephemeralDisk: effective("EphemeralDisk", group["EphemeralDisk"] ?? {}),
    network: networksOf(group["Networks"]),
    consul: consulOf(group["Consul"]),
    connect: connectOf(group["Services"]),
    volumes: mapped(group["Volumes"], (volume) => effective("Volume", volume)),
    "restart.renderTemplates": rendersTemplates(group),
  };
}

function taskParts({ job, group }: GroupOfJob, task: Part): Part {
  const resources = partOf(task["Resources"]);
  const cores = resources["Cores"] ?? 0;
  return {
    driver: task["Driver"],
    user: task["User"] ?? "",
    config: effective("", task["Config"] ?? {}),
    env: effective("", task["Env"] ?? {}),
    artifacts: effectiveList("Artifact", task["Artifacts"]),
    vault: task["Vault"] === undefined ? undefined : effective("Vault", task["Vault"]),
    secrets: effectiveList("", task["Secrets"]),
    consul: consulOf(task["Consul"]),
    templates: effectiveList("Template", task["Templates"]),
    csiPlugin: effective("", task["CSIPluginConfig"] ?? {}),
    volumeMounts: effectiveList("VolumeMount", task["VolumeMounts"]),
    meta: effective("", { ...partOf(job["Meta"]), ...partOf(group["Meta"]), ...partOf(task["Meta"]) }),
    resources: effective("Resources", {
      ...resources,
      // A task with cores of its own has no share.
      ...(cores === 0 ? {} : { CPU: 0 }),
      Devices: effectiveList("Device", resources["Devices"]),
    }),
    identities: effectiveList("", task["Identities"]),
    "logs.disabled": partOf(task["LogConfig"])["Disabled"] ?? false,
    "restart.renderTemplates": rendersTemplates(task),
  };
}

function networksOf(networks: unknown): readonly unknown[] {
  return listOf(networks).map((network) => {
    const { DynamicPorts, ReservedPorts, ...rest } = network;
    return {
      rest: effective("", rest),
      // Nomad compares ports in their order, static ones first.
      ports: [...listOf(ReservedPorts), ...listOf(DynamicPorts)].map((port) =>
        // Whether it may be shared says where an allocation may go, not how it is.
        effective("Port", { ...port, IgnoreCollision: false }),
      ),
    };
  });
}

/** What of services replaces allocations: only Consul's mesh. What is registered changes in place. */
function connectOf(services: unknown): Part {
  const inMesh = listOf(services).filter(({ Connect }) => isObject(Connect));
  return Object.fromEntries(
    inMesh.map(({ Name, PortLabel, Cluster, Connect }) => {
      const { SidecarService, ...connect } = partOf(Connect);
      const port = isObject(SidecarService) ? (SidecarService["Port"] ?? "") : undefined;
      return [String(Name), effective("", { PortLabel, Cluster, connect, sidecar: port !== undefined, port })];
    }),
  );
}

function consulOf(consul: unknown): unknown {
  return effective("", { ...partOf(consul) });
}

function rendersTemplates(part: Part): boolean {
  return partOf(part["RestartPolicy"])["RenderTemplates"] === true;
}

function tasksOf(group: Part): ReadonlyMap<string, Part> {
  return new Map(listOf(group["Tasks"]).map((task) => [String(task["Name"]), task]));
}

function mapped(value: unknown, change: (one: unknown) => unknown): Part {
  const entries = Object.entries(partOf(value)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, change(one)]));
}

function listOf(value: unknown): readonly Part[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
