import type { JobJson } from "../../../constructs/jobspec/render";
import { effective, type Part, partOf } from "../../jobs/effective";
import { isEqual, list, text } from "../../json";
import { named, short } from "../words";

/** What of a job is another after a change, in the words of its author. Values of variables are never among them. */
export interface Differences {
  /** Shape: `["memory of task web 300 → 600 MiB", "env MODE of task web"]`. */
  readonly parts: readonly string[];
  /** Images that changed. Shape: `["example.com/web:1 → example.com/web:2 of task web"]`. */
  readonly images: readonly string[];
}

/** Parts of a group or a job that are told by their name alone. */
const OF_JOB: Readonly<Record<string, string>> = {
  Datacenters: "datacenters",
  NodePool: "node pool",
  Constraints: "constraints",
  Affinities: "affinities",
  Spreads: "spreads",
  Update: "update strategy",
  Priority: "priority",
  Meta: "meta",
  Periodic: "schedule",
  ParameterizedJob: "parameters",
};
const OF_GROUP: Readonly<Record<string, string>> = {
  Constraints: "constraints",
  Affinities: "affinities",
  Spreads: "spreads",
  Networks: "network",
  Volumes: "volumes",
  EphemeralDisk: "ephemeral disk",
  Services: "services",
  Update: "update strategy",
  RestartPolicy: "restart policy",
  ReschedulePolicy: "reschedule policy",
  Migrate: "migrate policy",
  Disconnect: "disconnect policy",
  Scaling: "scaling",
  Consul: "consul",
  Meta: "meta",
};
const OF_TASK: Readonly<Record<string, string>> = {
  Driver: "driver",
  User: "user",
  Constraints: "constraints",
  Affinities: "affinities",
  Templates: "templates",
  Artifacts: "artifacts",
  VolumeMounts: "volume mounts",
  Vault: "vault",
  Secrets: "secrets",
  Identities: "identities",
  Services: "services",
  KillTimeout: "kill timeout",
  Lifecycle: "lifecycle",
  Meta: "meta",
};

/** Resources that are numbers: name, unit. */
const NUMBERS: Readonly<Record<string, readonly [name: string, unit: string]>> = {
  CPU: ["cpu", " MHz"],
  Cores: ["cores", ""],
  MemoryMB: ["memory", " MiB"],
  MemoryMaxMB: ["memory_max", " MiB"],
};

/** Compares two versions of a job. */
export function differencesOf(before: JobJson, after: JobJson): Differences {
  const groups = { before: byName(before["TaskGroups"]), after: byName(after["TaskGroups"]) };
  const parts: string[] = changedNames(OF_JOB, before, after);
  const images: string[] = [];
  for (const [name, was] of groups.before) {
    const is = groups.after.get(name);
    if (is === undefined) continue;
    const ofGroup = groups.after.size > 1 ? ` of group ${short(name)}` : "";
    if (!isEqual(was["Count"] ?? 1, is["Count"] ?? 1))
      parts.push(`count${ofGroup} ${short(was["Count"] ?? 1)} → ${short(is["Count"] ?? 1)}`);
    parts.push(...changedNames(OF_GROUP, was, is).map((part) => `${part}${ofGroup}`));
    ofTasks(byName(was["Tasks"]), byName(is["Tasks"]), parts, images);
  }
  return { parts, images };
}

type Named = ReadonlyMap<string, Part>;

function ofTasks(before: Named, after: Named, parts: string[], images: string[]): void {
  for (const [name, is] of after) {
    const task = `task ${short(name)}`;
    const was = before.get(name);
    if (was === undefined) {
      parts.push(`${task} is new`);
      continue;
    }
    const [old, now] = [partOf(was["Config"]), partOf(is["Config"])];
    const [image, next] = [text(old["image"]), text(now["image"])];
    if (image !== next) {
      parts.push(`image of ${task}`);
      images.push(`${short(image ?? "none")} → ${short(next ?? "none")} of ${task}`);
    }
    const isConfigured = isEqual({ ...old, image: "" }, { ...now, image: "" });
    if (!isConfigured) parts.push(`configuration of ${task}`);
    parts.push(
      ...changedResources(partOf(was["Resources"]), partOf(is["Resources"])).map((part) => `${part} of ${task}`),
    );
    const variables = changedKeys(partOf(was["Env"]), partOf(is["Env"]));
    if (variables.length > 0) parts.push(`env ${variables.map(short).join(", ")} of ${task}`);
    parts.push(...changedNames(OF_TASK, was, is).map((part) => `${part} of ${task}`));
  }
  const gone = [...before.keys()].filter((name) => !after.has(name));
  if (gone.length > 0) parts.push(`${named("task", gone.map(short))} gone`);
}

function changedResources(before: Part, after: Part): readonly string[] {
  const numbers = Object.entries(NUMBERS).flatMap(([key, [name, unit]]) => {
    const [was, is] = [before[key] ?? 0, after[key] ?? 0];
    return isEqual(was, is) ? [] : [`${name} ${short(was)} → ${short(is)}${unit}`];
  });
  const devices = (part: Part) => list(part["Devices"]).map((device) => partOf(device));
  const told = (part: Part) =>
    devices(part)
      .map((device) => `${short(device["Count"] ?? 1)} × ${short(device["Name"])}`)
      .join(", ");
  if (isEqual(devices(before), devices(after))) return numbers;
  const [was, is] = [told(before), told(after)];
  if (was === is) return [...numbers, "device constraints"];
  return [...numbers, `devices ${was === "" ? "none" : was} → ${is === "" ? "none" : is}`];
}

function changedNames(names: Readonly<Record<string, string>>, before: Part, after: Part): string[] {
  return Object.entries(names).flatMap(([key, name]) =>
    isEqual(effective("", before[key]), effective("", after[key])) ? [] : [name],
  );
}

function changedKeys(before: Part, after: Part): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
}

function byName(parts: unknown): Named {
  return new Map(list(parts).map((part) => [String(partOf(part)["Name"]), partOf(part)]));
}
