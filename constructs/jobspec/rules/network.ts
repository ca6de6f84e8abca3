import type { Group } from "../group";
import type { Network } from "../network";
import { isKnownNumber, isLiteral, type Report } from "./report";

const portName = /^[A-Za-z0-9_-]+$/;

/** Mode of a group's network. */
export function networkMode(group: Group): string {
  return group.network?.mode ?? "host";
}

/** Ports of a group by label, also those of a group without a network. */
export function portsOf(group: Group): NonNullable<Network["ports"]> {
  return group.network?.ports ?? {};
}

/** The network of a group: ports, name, CNI. */
export function networkRules(report: Report, group: Group, inGroup: string): void {
  const { network } = group;
  if (network === undefined) return;
  const path = `${inGroup}.network`;
  const mode = networkMode(group);
  if (isLiteral(mode) && !["none", "bridge", "host"].includes(mode) && !mode.startsWith("cni/")) {
    report.lint("unknown-value", `${path}.mode`, "must be none, bridge, host or cni/<name>", mode);
  }
  hostnameRules(report, `${path}.hostname`, network.hostname, mode);
  portRules(report, `${path}.ports`, network, mode);
  for (const [key, value] of Object.entries(network.cni?.args ?? {})) {
    if (!key.includes(";") && !value.includes(";")) continue;
    report.error(`${path}.cni.args.${key}`, "must not hold a semicolon: it ends an argument", value, "remove it");
  }
  fixedPortRule(report, path, group, mode);
}

function hostnameRules(report: Report, path: string, hostname: string | undefined, mode: string): void {
  if (hostname === undefined || hostname === "" || !isLiteral(hostname)) return;
  const labels = hostname.replace(/\.$/, "").split(".");
  if (hostname.length > 254 || labels.some((label) => label === "" || label.length > 63)) {
    report.error(path, "must be a DNS name: labels of 1 to 63 characters", hostname, "shorten it");
  }
  if (mode === "host" || mode === "none") {
    report.lint("without-effect", path, `is not used with mode ${mode}`, hostname, "use mode bridge, or remove it");
  }
}

function portRules(report: Report, path: string, { ports = {} }: Network, mode: string): void {
  const taken = new Map<string, string>();
  for (const [name, port] of Object.entries(ports)) {
    const at = `${path}.${name}`;
    if (!portName.test(name)) {
      report.lint("port-label", at, "must be letters, digits, - and _", name, "rename the port");
    }
    const { static: number = 0, ignoreCollision = false } = port;
    report.sensibleNumber(`${at}.static`, Math.min(number, 0), 0);
    report.wholeNumber(`${at}.static`, Math.max(number, 0), 0, 65_535);
    report.wholeNumber(`${at}.to`, port.to, -1, 65_535);
    if (ignoreCollision && mode !== "host") {
      report.error(`${at}.ignoreCollision`, "needs mode host", true, "remove it, or use mode host");
    }
    if (number === 0 || !isKnownNumber(number)) continue;
    const key = `${port.hostNetwork ?? "default"}:${number}`;
    const other = taken.get(key);
    if (other !== undefined && !ignoreCollision) {
      report.error(`${at}.static`, `must be unique, but ${other} has it too`, number, "choose another port");
    }
    taken.set(key, other ?? name);
  }
}

function fixedPortRule(report: Report, path: string, group: Group, mode: string): void {
  const count = group.count ?? group.scaling?.min ?? 1;
  if (!isKnownNumber(count) || count < 2) return;
  const fixed = Object.entries(portsOf(group)).find(
    ([, port]) => (port.static ?? 0) !== 0 && port.ignoreCollision !== true,
  );
  if (fixed === undefined) return;
  report.lint(
    "fixed-port",
    `${path}.ports.${fixed[0]}.static`,
    `lets at most one of the ${count} allocations run on a host`,
    fixed[1].static,
    mode === "host"
      ? "leave the port dynamic and read NOMAD_PORT_ of it, or plan for that many hosts"
      : "leave the port dynamic and set to, or plan for that many hosts",
  );
}
