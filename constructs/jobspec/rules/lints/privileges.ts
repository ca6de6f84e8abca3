import type { Task } from "../../task";
import type { Report } from "../report";
import { type Config, textsOf } from "./texts";
import { isObject } from "../../json-value";

const powerful = new Set(["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"]);
const modes = [
  ["pidMode", "pid_mode"],
  ["ipcMode", "ipc_mode"],
  ["usernsMode", "userns_mode"],
] as const;
const sockets = /(^|[:/])(docker\.sock|containerd\.sock|podman\.sock)(:|$)/;

/** Rights of a task that reach beyond its own container. */
export function privilegeRules(report: Report, path: string, task: Task, config: Config): void {
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
  if (config["privileged"] === true) {
    report.lint(
      "privileged",
      `${at}.privileged`,
      "gives the task all rights of the host",
      true,
      'use capAdd for what it needs, or add allow: [{ rule: "privileged", reason: "…" }] to the job',
    );
  }
  const added = config["capAdd"] ?? config["cap_add"];
  const strong = added === undefined ? [] : textsOf(added).filter(isPowerful);
  if (strong.length > 0) {
    report.lint("powerful-capability", `${at}.capAdd`, "is as good as root on the host", strong, "add smaller ones");
  }
  for (const [name, spelling] of modes) {
    if ((config[name] ?? config[spelling]) !== "host") continue;
    report.lint("host-namespace", `${at}.${name}`, "shares the host's namespace", "host", "remove it");
  }
  for (const [name, source] of mountedSources(config)) {
    if (!sockets.test(source)) continue;
    const fix = "remove it, or use an API with rights of its own";
    report.lint("docker-socket", `${at}.${name}`, "makes the task root on the host", source, fix);
  }
}

function isPowerful(capability: string): boolean {
  return powerful.has(capability.toUpperCase().replace(/^CAP_/, ""));
}

/** What a container's configuration mounts from the host, and where that is written. */
export function mountedSources(config: Config): readonly (readonly [string, string])[] {
  const { volumes } = config as { readonly volumes?: unknown };
  const mounts = config["mounts"] ?? config["mount"];
  if (volumes === undefined && mounts === undefined) return [];
  return [
    ...textsOf(volumes).map((volume, index) => [`volumes.${index}`, volume] as const),
    ...listOf(mounts).map((mount, index) => [`mounts.${index}`, textOf(mount["source"])] as const),
  ];
}

/** Devices of the host that a container's configuration names. */
export function mountedDevices(config: Config): readonly (readonly [string, string])[] {
  const { devices: given } = config as { readonly devices?: unknown };
  if (!Array.isArray(given)) return [];
  return Array.from(given, (device: unknown, index) => {
    const path = typeof device === "string" ? device : isObject(device) ? hostPath(device) : "";
    return [`devices.${index}`, path] as const;
  });
}

function hostPath(device: Readonly<Record<string, unknown>>): string {
  return textOf(device["hostPath"] ?? device["host_path"]);
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? Array.from(value, (item: unknown) => (isObject(item) ? item : {})) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
