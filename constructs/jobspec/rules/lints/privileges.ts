import type { Task } from "../../task";
import type { Report } from "../report";
import { setting, textsOf } from "./texts";

const powerful = new Set(["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"]);
const spellings: Readonly<Record<string, string>> = {
  pidMode: "pid_mode",
  ipcMode: "ipc_mode",
  usernsMode: "userns_mode",
};
const sockets = /(^|[:/])(docker\.sock|containerd\.sock|podman\.sock)(:|$)/;

/** Rights of a task that reach beyond its own container. */
export function privilegeRules(report: Report, path: string, task: Task): void {
  if (task.driver === "raw_exec") {
    report.lint(
      "raw-exec",
      `${path}.driver`,
      "runs without any isolation, as the agent's user",
      task.driver,
      'use docker or exec, or add allow: [{ rule: "raw-exec", reason: "…" }] to the job',
    );
    return;
  }
  const at = `${path}.config`;
  if (setting(task, "privileged") === true) {
    report.lint(
      "privileged",
      `${at}.privileged`,
      "gives the task all rights of the host",
      true,
      'use capAdd for what it needs, or add allow: [{ rule: "privileged", reason: "…" }] to the job',
    );
  }
  const added = textsOf(setting(task, "capAdd", "cap_add"));
  const strong = added.filter((name) => powerful.has(name.toUpperCase().replace(/^CAP_/, "")));
  if (strong.length > 0) {
    report.lint("powerful-capability", `${at}.capAdd`, "is as good as root on the host", strong, "add smaller ones");
  }
  for (const [name, spelling] of Object.entries(spellings)) {
    if (setting(task, name, spelling) !== "host") continue;
    report.lint("host-namespace", `${at}.${name}`, "shares the host's namespace", "host", "remove it");
  }
  for (const [name, source] of mountedSources(task)) {
    if (!sockets.test(source)) continue;
    const fix = "remove it, or use an API with rights of its own";
    report.lint("docker-socket", `${at}.${name}`, "makes the task root on the host", source, fix);
  }
}

/** What a container's configuration mounts from the host, and where that is written. */
export function mountedSources(task: Task): readonly (readonly [string, string])[] {
  const volumes = textsOf(setting(task, "volumes")).map((volume, index) => [`volumes.${index}`, volume] as const);
  const mounts = listOf(setting(task, "mounts", "mount")).map(
    (mount, index) => [`mounts.${index}`, textOf(mount["source"])] as const,
  );
  return [...volumes, ...mounts];
}

/** Devices of the host that a container's configuration names. */
export function mountedDevices(task: Task): readonly (readonly [string, string])[] {
  const given = setting(task, "devices");
  if (!Array.isArray(given)) return [];
  return given.map((device: unknown, index) => {
    const path = typeof device === "string" ? device : hostPath(device as Readonly<Record<string, unknown>>);
    return [`devices.${index}`, path] as const;
  });
}

function hostPath(device: Readonly<Record<string, unknown>>): string {
  return textOf(device["hostPath"] ?? device["host_path"]);
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? (value as readonly Readonly<Record<string, unknown>>[]) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
