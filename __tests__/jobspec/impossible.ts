/**
 * Combinations that Nomad refuses and that must not compile. `npm run typecheck` fails when one of them does.
 */
import type { Connect, Upstream } from "../../constructs/jobspec/connect";
import type { Gateway } from "../../constructs/jobspec/gateway";
import type { Periodic } from "../../constructs/jobspec/job";
import type { Network } from "../../constructs/jobspec/network";
import type { Constraint, DeviceConstraint, TaskConstraint } from "../../constructs/jobspec/placement";
import type { Disconnect } from "../../constructs/jobspec/policies";
import { device, node } from "../../constructs/jobspec/references";
import type { Device, Resources } from "../../constructs/jobspec/resources";
import type { Service } from "../../constructs/jobspec/service";
import type { Lifecycle, Task } from "../../constructs/jobspec/task";
import type { Template } from "../../constructs/jobspec/template";
import type { Volume } from "../../constructs/jobspec/volume";

export const resources: readonly Resources[] = [
  // @ts-expect-error -- a share or whole cores
  { cpu: "500MHz", cores: 2 },
  // @ts-expect-error -- MB would be misread
  { memory: "500MB" },
];
export const templates: readonly Template[] = [
  // @ts-expect-error -- text or a path
  { destination: "local/a", data: "", source: "local/b" },
  // @ts-expect-error -- neither
  { destination: "local/a" },
  // @ts-expect-error -- a signal needs its name
  { destination: "local/a", data: "", changeMode: "signal" },
  // @ts-expect-error -- the environment of a running task cannot be changed by a signal
  { destination: "local/a", data: "", changeMode: "signal", changeSignal: "SIGHUP", env: true },
  // @ts-expect-error -- a script needs a command
  { destination: "local/a", data: "", changeMode: "script" },
];
export const networks: readonly Network[] = [
  // @ts-expect-error -- the host's own network has the host's name
  { mode: "host", hostname: "a" },
  // @ts-expect-error -- no such mode
  { mode: "overlay" },
];
export const constraints: readonly Constraint[] = [
  // @ts-expect-error -- a comparison needs a value
  { attribute: node.class },
  // @ts-expect-error -- presence has none
  { attribute: node.class, operator: "is_set", value: "a" },
  // @ts-expect-error -- devices are asked in a device block
  { attribute: device.attr.memory, operator: ">", value: "1 GiB" },
  // @ts-expect-error -- no such attribute: a job runs in one region
  { attribute: "${node.region}", value: "east" },
];
export const taskConstraints: readonly TaskConstraint[] = [
  // @ts-expect-error -- for jobs and groups
  { operator: "distinct_hosts" },
];
export const deviceConstraints: readonly DeviceConstraint[] = [
  // @ts-expect-error -- for nodes
  { attribute: node.class, value: "a" },
];
export const devices: readonly Device[] = [
  // @ts-expect-error -- misspelt
  { name: "nvidia/gpu", constraints: [{ attribute: "${device.attr.memori}", operator: ">", value: "1 GiB" }] },
];
export const schedules: readonly Periodic[] = [
  // @ts-expect-error -- one or several
  { cron: "@daily", crons: ["@weekly"] },
  // @ts-expect-error -- neither
  { timeZone: "UTC" },
];
export const disconnects: readonly Disconnect[] = [
  // @ts-expect-error -- lost, or stopped
  { lostAfter: "1h", stopOnClientAfter: "1m" },
];
export const lifecycles: readonly Lifecycle[] = [
  // @ts-expect-error -- there is nothing left to be beside
  { hook: "poststop", sidecar: true },
];
export const volumes: readonly Volume[] = [
  // @ts-expect-error -- one node, or one volume per allocation
  { type: "host", source: "a", sticky: true, perAlloc: true },
  // @ts-expect-error -- CSI volumes say how they are used
  { type: "csi", source: "a" },
];
export const services: readonly Service[] = [
  // @ts-expect-error -- Nomad's own discovery has no script checks
  { checks: [{ type: "script", command: "/bin/true", interval: "1s", timeout: "1s" }] },
  // @ts-expect-error -- Connect is Consul's
  { connect: { native: true } },
];
export const connects: readonly Connect[] = [
  // @ts-expect-error -- the task speaks it, or a sidecar does
  { native: true, sidecarService: {} },
  // @ts-expect-error -- none of the three
  {},
];
export const gateways: readonly Gateway[] = [
  // @ts-expect-error -- one kind
  { ingress: { listeners: [] }, mesh: {} },
];
export const upstreams: readonly Upstream[] = [
  // @ts-expect-error -- a port or a socket
  { destinationName: "a", localBindPort: 1, localBindSocketPath: "/a" },
];
export const tasks: readonly Task[] = [
  // @ts-expect-error -- another driver's setting
  { driver: "exec", config: { image: "a:1" } },
  // @ts-expect-error -- unknown drivers are named with pluginDriver()
  { driver: "dockre", config: { image: "a:1" } },
  // @ts-expect-error -- no unit
  { driver: "exec", config: { command: "a" }, killTimeout: "30" },
];
