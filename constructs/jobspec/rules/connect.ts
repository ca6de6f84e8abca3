import type { Connect, Upstream } from "../connect";
import type { Group } from "../group";
import type { Gateway } from "../gateway";
import type { Job } from "../job";
import type { ConsulService } from "../service";
import { nameOf, type ServicePlace } from "./discovery";
import { gatewayRules } from "./gateway";
import { networkMode, portsOf } from "./network";
import { isKnown, type Report } from "./report";

/** What Nomad has filled in by the time that it looks at the name of a service with a proxy. */
const filledIn = /\$\{(NOMAD_(JOB_ID|JOB_NAME|GROUP_NAME|ALLOC_INDEX|REGION)|JOB|TASKGROUP|TASK|BASE)\}/g;

/** Service mesh of a group's services: what Nomad refuses when it adds the proxies. */
export function connectRules(
  report: Report,
  job: Job,
  group: Group,
  groupName: string,
  places: readonly ServicePlace[],
): void {
  const upstreams = new Map<string, string>();
  let meshed = 0;
  let transparent: string | undefined;
  for (const place of places) {
    exposeRules(report, place);
    const { connect } = place.service as ConsulService;
    if (connect === undefined) continue;
    const path = `${place.path}.connect`;
    if (place.service.provider !== "consul") {
      report.error(path, "needs provider consul", undefined, 'set provider: "consul"');
    }
    if (place.task !== undefined) {
      report.error(path, "is of services of a group", undefined, "move the service into the group");
      continue;
    }
    meshed++;
    const { native, sidecarService, gateway } = connect as Partial<Record<keyof Connect, unknown>>;
    if ([native === true, sidecarService !== undefined, gateway !== undefined].filter(Boolean).length !== 1) {
      report.error(path, "must have exactly one of native, sidecarService and gateway", undefined, "remove the others");
      continue;
    }
    if (connect.native === true) nativeRules(report, path, place);
    if (connect.sidecarService !== undefined) {
      sidecarRules(report, path, job, place);
      upstreamRules(report, path, connect.sidecarService.proxy?.upstreams, upstreams);
      if (connect.sidecarService.proxy?.transparentProxy !== undefined) {
        transparent = `${path}.sidecarService.proxy.transparentProxy`;
        transparentRules(report, transparent, connect, group);
      }
    }
    if (connect.gateway !== undefined) {
      modeRule(report, `groups.${groupName}.network`, group, ["bridge", "host"]);
      gatewayRules(report, `${path}.gateway`, connect.gateway);
      gatewayPortRule(report, `${path}.gateway`, connect.gateway, nameOf(job, place), place);
      if (connect.gateway.mesh !== undefined && (place.service.port ?? "") === "") {
        report.error(`${place.path}.port`, "is needed by a mesh gateway", undefined, "name a port of the group");
      }
    }
  }
  if (transparent !== undefined && meshed > 1) {
    report.error(
      transparent,
      "must be the only connect of its group",
      undefined,
      "put the services into groups of their own",
    );
  }
}

function nativeRules(report: Report, path: string, { service, group, path: at }: ServicePlace): void {
  const tasks = Object.keys(group.tasks);
  if (service.task === undefined ? tasks.length !== 1 : !tasks.includes(service.task)) {
    report.error(
      `${at}.task`,
      "must name the task that speaks the mesh's protocol",
      service.task,
      `use one of: ${tasks.join(", ")}`,
    );
  }
  if ((service.port ?? "") === "") {
    report.error(`${at}.port`, "is needed by a native service", undefined, "name a port of the group");
  }
  if (group.network === undefined && service.task === undefined && tasks.length === 1) {
    report.error(`${path}.native`, "needs the service's task in a group without a network", true, "name the task");
  }
}

function sidecarRules(report: Report, path: string, job: Job, place: ServicePlace): void {
  const { group, groupName, service } = place;
  modeRule(report, `groups.${groupName}.network`, group, ["bridge"]);
  const name = nameOf(job, place);
  const own = name.replace(filledIn, "");
  if (isKnown(name) && own !== own.toLowerCase()) {
    report.error(`${place.path}.name`, "must not have capitals with a sidecar", name, "write it in small letters");
  }
  if (groupName !== groupName.toLowerCase()) {
    const rule = "must not have capitals in its name with a sidecar";
    report.error(`groups.${groupName}`, rule, groupName, "write it in small letters");
  }
  service.checks?.forEach((check, index) => {
    if (check.type !== "tcp") return;
    const rule = "must not be tcp with a sidecar: the service listens on loopback only";
    report.error(`${place.path}.checks.${index}.type`, rule, "tcp", "use http, grpc or script");
  });
  const { sidecarService } = (service as ConsulService).connect as Extract<
    Connect,
    { readonly sidecarService: object }
  >;
  const { port = "" } = sidecarService;
  addedPortRule(report, `${path}.sidecarService.port`, port === "" ? `connect-proxy-${name}` : port, group);
  const mode = sidecarService.proxy?.upstreams?.find(({ meshGateway }) => meshGateway !== undefined)?.meshGateway?.mode;
  report.sensibleValue(`${path}.sidecarService.proxy.upstreams.meshGateway.mode`, mode, ["none", "local", "remote"]);
}

function gatewayPortRule(report: Report, path: string, gateway: Gateway, name: string, place: ServicePlace): void {
  if (gateway.mesh !== undefined) {
    addedPortRule(report, `${path}.mesh`, `connect-mesh-${name}-lan`, place.group);
  } else if (gateway.terminating !== undefined && (place.service.port ?? "") === "") {
    addedPortRule(report, `${path}.terminating`, `connect-terminating-${name}`, place.group);
  }
}

/** Nomad adds a dynamic port for the proxy, unless there is a dynamic one of that label. */
function addedPortRule(report: Report, path: string, label: string, group: Group): void {
  const ports = portsOf(group);
  const number = Object.hasOwn(ports, label) ? (ports[label]?.static ?? 0) : 0;
  if (number <= 0) return;
  const rule = "must have a port that Nomad adds or one without a static number";
  report.error(path, rule, label, `leave static out of the port ${label}, or use another port`);
}

/** Connect and exposed checks need one network of its own, or for gateways the host's. */
function modeRule(report: Report, path: string, group: Group, allowed: readonly string[]): void {
  const mode = networkMode(group);
  const isUsable = group.network?.mode !== undefined && (allowed.includes(mode) || mode.startsWith("cni/"));
  if (isUsable || !isKnown(mode)) return;
  const names = `${allowed.join(", ")} or cni/<name>`;
  report.error(`${path}.mode`, `must be ${names} with connect`, group.network?.mode, 'set network: { mode: "bridge" }');
}

function upstreamRules(
  report: Report,
  path: string,
  upstreams: readonly Upstream[] | undefined,
  taken: Map<string, string>,
): void {
  upstreams?.forEach((upstream, index) => {
    const at = `${path}.sidecarService.proxy.upstreams.${index}`;
    const socket = upstream.localBindSocketPath ?? "";
    const listener = socket === "" ? `${upstream.localBindAddress ?? ""}:${upstream.localBindPort ?? 0}` : socket;
    const other = taken.get(listener);
    if (other !== undefined) {
      report.error(at, `must listen on an address of its own, but ${other} has it`, listener, "change localBindPort");
    }
    taken.set(listener, at);
    report.needed(`${at}.destinationName`, upstream.destinationName, "name the service");
  });
}

const cidr = /^(\d{1,3}(\.\d{1,3}){3}\/(\d|[12]\d|3[0-2])|[0-9a-f:.]*:[0-9a-f:.]*\/(\d|[1-9]\d|1[01]\d|12[0-8]))$/i;

function transparentRules(report: Report, path: string, connect: Connect, group: Group): void {
  const proxy = connect.sidecarService?.proxy?.transparentProxy ?? {};
  for (const [name, uids] of [
    ["uid", proxy.uid === undefined || proxy.uid === "" ? [] : [proxy.uid]],
    ["excludeUids", proxy.excludeUids ?? []],
  ] as const) {
    const wrong = uids.find((uid) => isKnown(uid) && !isUint16(uid));
    if (wrong !== undefined) report.error(`${path}.${name}`, "must be a number of a user, at most 65535", wrong);
  }
  const network = proxy.excludeOutboundCidrs?.find((text) => isKnown(text) && !isPrefix(text));
  if (network !== undefined) {
    report.error(`${path}.excludeOutboundCidrs`, "must be networks", network, 'write them as in "10.0.0.0/8"');
  }
  const fixed = Object.entries(portsOf(group)).filter(([, port]) => (port.static ?? 0) !== 0);
  const inbound = proxy.excludeInboundPorts?.find(
    (port) => !isUint16(port) && !fixed.some(([label]) => label === port),
  );
  if (inbound !== undefined && isKnown(inbound)) {
    const rule = "must be numbers, or labels of ports with a static number";
    report.error(`${path}.excludeInboundPorts`, rule, inbound, "write the number");
  }
  const { dns } = group.network ?? {};
  const asksForNames = [dns?.servers, dns?.searches, dns?.options].some((list) => (list ?? []).length > 0);
  if (asksForNames && proxy.noDns !== true) {
    report.error(path, "needs noDns: true where the network has dns", undefined, "add it, or remove dns");
  }
}

function isUint16(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= 65_535;
}

function isPrefix(text: string): boolean {
  if (!cidr.test(text)) return false;
  return (
    text.includes(":") ||
    text
      .split(/[./]/)
      .slice(0, 4)
      .every((part) => part === String(Number(part)) && Number(part) <= 255)
  );
}

/** Checks that the proxy lets through. */
function exposeRules(report: Report, { service, path, task, group, groupName }: ServicePlace): void {
  service.checks?.forEach((check, index) => {
    if (!("expose" in check) || check.expose !== true || service.provider !== "consul") return;
    const at = `${path}.checks.${index}`;
    if (task !== undefined || service.connect?.sidecarService === undefined) {
      const fix = "remove it, or give the group's service a sidecarService";
      report.error(`${at}.expose`, "needs a service of the group with a sidecar", true, fix);
      return;
    }
    modeRule(report, `groups.${groupName}.network`, group, ["bridge"]);
    const url = "path" in check ? check.path : "";
    const port = service.port ?? "";
    if (!url.startsWith("/") || /^[1-9]\d*$/.test(port) || (portsOf(group)[port]?.static ?? 0) > 0) return;
    const rule = "must be a number or have a static number, for an exposed check";
    report.error(`${path}.port`, rule, service.port, 'write the port that the task listens on, such as "8080"');
  });
}
