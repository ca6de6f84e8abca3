import { AssumptionError } from "../core/problems";
import type {
  DockerConfig,
  DockerDevice,
  DockerMount,
  ExecConfig,
  JavaConfig,
  QemuConfig,
  RawExecConfig,
} from "./driver";
import { parseDuration } from "./duration";
import type { CsiVolume, EphemeralDisk, Group, HostVolume, Volume } from "./group";
import type { Job, Parameterized, Periodic } from "./job";
import type { Dns, Network, Port } from "./network";
import type { Affinity, Constraint, Spread } from "./placement";
import type { Disconnect, Migrate, Reschedule, Restart, Update } from "./policies";
import type { CheckRestart, ConsulService, GrpcCheck, HttpCheck, ScriptCheck, Service } from "./service";
import { sortKeys } from "./sorted";
import type {
  Artifact,
  Device,
  Identity,
  Lifecycle,
  Logs,
  Resources,
  Task,
  TaskOptions,
  Template,
  VolumeMount,
} from "./task";

/**
 * A job as Nomad's HTTP API takes it.
 *
 * @see https://developer.hashicorp.com/nomad/api-docs/json-jobs
 */
export interface JobJson {
  readonly ID: string;
  readonly Name: string;
  readonly TaskGroups: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

/** How one property becomes one key: the key, and what to do with the value. */
type Rule = readonly [key: string, convert?: (value: never) => unknown];

/**
 * A rule for every property of a type but those rendered by hand: a property added to a type does not compile until it
 * has one here.
 */
type Rules<T, ByHand extends keyof T> = { readonly [K in Exclude<keyof T, ByHand>]-?: Rule };

function block<T extends object, ByHand extends keyof T = never>(
  rules: Rules<T, ByHand>,
): (value: T) => Record<string, unknown> {
  const entries = Object.entries<Rule>(rules as Record<string, Rule>).sort(([, [a]], [, [b]]) => (a < b ? -1 : 1));
  return (value) => {
    const result: Record<string, unknown> = {};
    for (const [name, [key, convert]] of entries) {
      const given = (value as Record<string, unknown>)[name];
      if (given !== undefined) result[key] = convert === undefined ? given : convert(given as never);
    }
    return result;
  };
}

function each<T>(convert: (value: T) => unknown): (values: readonly T[]) => unknown[] {
  return (values) => values.map(convert);
}

function duration(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new AssumptionError(`"${text}" is no duration: validateJob() reports this first`);
  return value;
}

/** Docker's `list(map(string))`: a map in a list of one. */
function listed(map: Readonly<Record<string, unknown>>): unknown[] {
  return [map];
}

const update = block<Update>({
  maxParallel: ["MaxParallel"],
  healthCheck: ["HealthCheck"],
  minHealthyTime: ["MinHealthyTime", duration],
  healthyDeadline: ["HealthyDeadline", duration],
  progressDeadline: ["ProgressDeadline", duration],
  autoRevert: ["AutoRevert"],
  autoPromote: ["AutoPromote"],
  canary: ["Canary"],
  stagger: ["Stagger", duration],
});

const migrate = block<Migrate>({
  maxParallel: ["MaxParallel"],
  healthCheck: ["HealthCheck"],
  minHealthyTime: ["MinHealthyTime", duration],
  healthyDeadline: ["HealthyDeadline", duration],
});

const restart = block<Restart>({
  attempts: ["Attempts"],
  interval: ["Interval", duration],
  delay: ["Delay", duration],
  mode: ["Mode"],
  renderTemplates: ["RenderTemplates"],
});

const reschedule = block<Reschedule>({
  attempts: ["Attempts"],
  interval: ["Interval", duration],
  delay: ["Delay", duration],
  delayFunction: ["DelayFunction"],
  maxDelay: ["MaxDelay", duration],
  unlimited: ["Unlimited"],
});

const disconnect = block<Disconnect>({
  lostAfter: ["LostAfter", duration],
  stopOnClientAfter: ["StopOnClientAfter", duration],
  replace: ["Replace"],
  reconcile: ["Reconcile"],
});

const constraintFields = block<Constraint>({
  attribute: ["LTarget"],
  operator: ["Operand"],
  value: ["RTarget"],
});

function constraint(value: Constraint): Record<string, unknown> {
  return constraintFields({ ...value, operator: value.operator ?? "=" });
}

const affinityFields = block<Affinity>({
  attribute: ["LTarget"],
  operator: ["Operand"],
  value: ["RTarget"],
  weight: ["Weight"],
});

function affinity(value: Affinity): Record<string, unknown> {
  return affinityFields({ ...value, operator: value.operator ?? "=" });
}

const spreadFields = block<Spread, "targets">({ attribute: ["Attribute"], weight: ["Weight"] });

function spread(value: Spread): Record<string, unknown> {
  const result = spreadFields(value);
  if (value.targets !== undefined) {
    result["SpreadTarget"] = Object.entries(value.targets).map(([Value, Percent]) => ({ Value, Percent }));
  }
  return result;
}

const dns = block<Dns>({ servers: ["Servers"], searches: ["Searches"], options: ["Options"] });

const networkFields = block<Network, "ports">({
  mode: ["Mode"],
  hostname: ["Hostname"],
  dns: ["DNS", dns],
  cni: ["CNI", block<NonNullable<Network["cni"]>>({ args: ["Args"] })],
});

const portFields = block<Port>({
  static: ["Value"],
  to: ["To"],
  hostNetwork: ["HostNetwork"],
  ignoreCollision: ["IgnoreCollision"],
});

/** The API knows two lists of ports where a jobspec has one: those with a number on the host, and the rest. */
function network(value: Network): Record<string, unknown> {
  const result = networkFields(value);
  const reserved: Record<string, unknown>[] = [];
  const dynamic: Record<string, unknown>[] = [];
  for (const [Label, port] of Object.entries(value.ports ?? {})) {
    const isStatic = port.static !== undefined && port.static !== 0;
    (isStatic ? reserved : dynamic).push({ Label, ...portFields(port) });
  }
  if (dynamic.length > 0) result["DynamicPorts"] = dynamic;
  if (reserved.length > 0) result["ReservedPorts"] = reserved;
  return result;
}

const checkRestart = block<CheckRestart>({
  limit: ["Limit"],
  grace: ["Grace", duration],
  ignoreWarnings: ["IgnoreWarnings"],
});

type AnyCheck = HttpCheck & GrpcCheck & ScriptCheck;

const check = block<Omit<AnyCheck, "type"> & { readonly type: string }>({
  name: ["Name"],
  type: ["Type"],
  interval: ["Interval", duration],
  timeout: ["Timeout", duration],
  port: ["PortLabel"],
  addressMode: ["AddressMode"],
  initialStatus: ["InitialStatus"],
  onUpdate: ["OnUpdate"],
  task: ["TaskName"],
  checkRestart: ["CheckRestart", checkRestart],
  successBeforePassing: ["SuccessBeforePassing"],
  failuresBeforeCritical: ["FailuresBeforeCritical"],
  failuresBeforeWarning: ["FailuresBeforeWarning"],
  notes: ["Notes"],
  path: ["Path"],
  method: ["Method"],
  protocol: ["Protocol"],
  header: ["Header"],
  body: ["Body"],
  tlsSkipVerify: ["TLSSkipVerify"],
  tlsServerName: ["TLSServerName"],
  grpcService: ["GRPCService"],
  grpcUseTls: ["GRPCUseTLS"],
  command: ["Command"],
  args: ["Args"],
});

const serviceFields = block<Omit<ConsulService, "provider"> & { readonly provider: string }>({
  name: ["Name"],
  port: ["PortLabel"],
  addressMode: ["AddressMode"],
  address: ["Address"],
  tags: ["Tags"],
  canaryTags: ["CanaryTags"],
  task: ["TaskName"],
  onUpdate: ["OnUpdate"],
  checkRestart: ["CheckRestart", checkRestart],
  provider: ["Provider"],
  checks: ["Checks", each(check)],
  meta: ["Meta"],
  canaryMeta: ["CanaryMeta"],
  taggedAddresses: ["TaggedAddresses"],
  enableTagOverride: ["EnableTagOverride"],
});

function service(value: Service): Record<string, unknown> {
  return serviceFields({ ...value, provider: value.provider ?? "nomad" });
}

const device = block<Device>({
  name: ["Name"],
  count: ["Count"],
  constraints: ["Constraints", each(constraint)],
  affinities: ["Affinities", each(affinity)],
});

const resources = block<Resources>({
  cpuMHz: ["CPU"],
  cores: ["Cores"],
  memoryMiB: ["MemoryMB"],
  memoryMaxMiB: ["MemoryMaxMB"],
  secretsMiB: ["SecretsMB"],
  devices: ["Devices", each(device)],
});

const template = block<Template>({
  data: ["EmbeddedTmpl"],
  source: ["SourcePath"],
  destination: ["DestPath"],
  changeMode: ["ChangeMode"],
  changeSignal: ["ChangeSignal"],
  changeScript: [
    "ChangeScript",
    block<NonNullable<Template["changeScript"]>>({
      command: ["Command"],
      args: ["Args"],
      timeout: ["Timeout", duration],
      failOnError: ["FailOnError"],
    }),
  ],
  env: ["Envvars"],
  once: ["Once"],
  splay: ["Splay", duration],
  perms: ["Perms"],
  uid: ["Uid"],
  gid: ["Gid"],
  leftDelimiter: ["LeftDelim"],
  rightDelimiter: ["RightDelim"],
  errorOnMissingKey: ["ErrMissingKey"],
  wait: ["Wait", block<NonNullable<Template["wait"]>>({ min: ["Min", duration], max: ["Max", duration] })],
});

const artifact = block<Artifact>({
  source: ["GetterSource"],
  destination: ["RelativeDest"],
  mode: ["GetterMode"],
  options: ["GetterOptions"],
  headers: ["GetterHeaders"],
  insecure: ["GetterInsecure"],
  chown: ["Chown"],
});

const volumeMount = block<VolumeMount>({
  volume: ["Volume"],
  destination: ["Destination"],
  readOnly: ["ReadOnly"],
  propagationMode: ["PropagationMode"],
});

const logs = block<Logs>({ maxFiles: ["MaxFiles"], maxFileSizeMiB: ["MaxFileSizeMB"], disabled: ["Disabled"] });

const lifecycle = block<Lifecycle>({ hook: ["Hook"], sidecar: ["Sidecar"] });

const identityFields = block<Identity>({
  name: ["Name"],
  aud: ["Audience"],
  env: ["Env"],
  file: ["File"],
  filepath: ["Filepath"],
  ttl: ["TTL", duration],
  changeMode: ["ChangeMode"],
  changeSignal: ["ChangeSignal"],
});

function identity(value: Identity): Record<string, unknown> {
  return identityFields({ ...value, name: value.name ?? "default" });
}

const dockerMount = block<DockerMount>({
  type: ["type"],
  source: ["source"],
  target: ["target"],
  readonly: ["readonly"],
});

const dockerDevice = block<DockerDevice>({
  hostPath: ["host_path"],
  containerPath: ["container_path"],
  cgroupPermissions: ["cgroup_permissions"],
});

const drivers: Readonly<Record<string, (config: never) => Record<string, unknown>>> = {
  docker: block<DockerConfig, "extra">({
    image: ["image"],
    command: ["command"],
    args: ["args"],
    entrypoint: ["entrypoint"],
    ports: ["ports"],
    networkMode: ["network_mode"],
    networkAliases: ["network_aliases"],
    hostname: ["hostname"],
    extraHosts: ["extra_hosts"],
    volumes: ["volumes"],
    mounts: ["mount", each(dockerMount)],
    devices: ["devices", each(dockerDevice)],
    workDir: ["work_dir"],
    shmSizeBytes: ["shm_size"],
    ipcMode: ["ipc_mode"],
    pidMode: ["pid_mode"],
    runtime: ["runtime"],
    ulimit: ["ulimit", listed],
    sysctl: ["sysctl", listed],
    labels: ["labels", listed],
    logging: [
      "logging",
      (value: NonNullable<DockerConfig["logging"]>) =>
        listed({ type: value.type, ...(value.config === undefined ? {} : { config: listed(value.config) }) }),
    ],
    privileged: ["privileged"],
    capAdd: ["cap_add"],
    capDrop: ["cap_drop"],
    securityOpt: ["security_opt"],
    readonlyRootfs: ["readonly_rootfs"],
    init: ["init"],
    forcePull: ["force_pull"],
    imagePullTimeout: ["image_pull_timeout"],
  }),
  exec: block<ExecConfig, "extra">({
    command: ["command"],
    args: ["args"],
    pidMode: ["pid_mode"],
    ipcMode: ["ipc_mode"],
    capAdd: ["cap_add"],
    capDrop: ["cap_drop"],
    workDir: ["work_dir"],
  }),
  raw_exec: block<RawExecConfig, "extra">({ command: ["command"], args: ["args"], workDir: ["work_dir"] }),
  java: block<JavaConfig, "extra">({
    jarPath: ["jar_path"],
    class: ["class"],
    classPath: ["class_path"],
    args: ["args"],
    jvmOptions: ["jvm_options"],
  }),
  qemu: block<QemuConfig, "extra">({
    imagePath: ["image_path"],
    accelerator: ["accelerator"],
    driveInterface: ["drive_interface"],
    gracefulShutdown: ["graceful_shutdown"],
    guestAgent: ["guest_agent"],
    args: ["args"],
    portMap: ["port_map", listed],
  }),
};

function driverConfig(task: Task): Record<string, unknown> {
  const render = Object.hasOwn(drivers, task.driver) ? drivers[task.driver] : undefined;
  const config = task.config as Readonly<Record<string, unknown>>;
  if (render === undefined) return config;
  const result = render(config as never);
  if (config["extra"] !== undefined) Object.assign(result, config["extra"]);
  return result;
}

const taskFields = block<TaskOptions>({
  user: ["User"],
  env: ["Env"],
  meta: ["Meta"],
  leader: ["Leader"],
  killTimeout: ["KillTimeout", duration],
  killSignal: ["KillSignal"],
  shutdownDelay: ["ShutdownDelay", duration],
  resources: ["Resources", resources],
  templates: ["Templates", each(template)],
  artifacts: ["Artifacts", each(artifact)],
  volumeMounts: ["VolumeMounts", each(volumeMount)],
  services: ["Services", each(service)],
  constraints: ["Constraints", each(constraint)],
  affinities: ["Affinities", each(affinity)],
  restart: ["RestartPolicy", restart],
  logs: ["LogConfig", logs],
  lifecycle: ["Lifecycle", lifecycle],
  identities: ["Identities", each(identity)],
});

function task(Name: string, value: Task): Record<string, unknown> {
  const result = taskFields(value);
  result["Name"] = Name;
  result["Driver"] = value.driver;
  result["Config"] = driverConfig(value);
  return result;
}

type AnyVolume = Omit<HostVolume, "type" | "accessMode"> & Omit<CsiVolume, "type" | "accessMode">;

const volumeFields = block<AnyVolume & { readonly type: string; readonly accessMode: string }>({
  type: ["Type"],
  source: ["Source"],
  readOnly: ["ReadOnly"],
  perAlloc: ["PerAlloc"],
  sticky: ["Sticky"],
  accessMode: ["AccessMode"],
  attachmentMode: ["AttachmentMode"],
  mountOptions: [
    "MountOptions",
    block<NonNullable<CsiVolume["mountOptions"]>>({ fsType: ["FSType"], mountFlags: ["MountFlags"] }),
  ],
});

function volumes(values: Readonly<Record<string, Volume>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [Name, volume] of Object.entries(values)) result[Name] = { ...volumeFields(volume as never), Name };
  return result;
}

const ephemeralDisk = block<EphemeralDisk>({ sizeMiB: ["SizeMB"], sticky: ["Sticky"], migrate: ["Migrate"] });

const groupFields = block<Group, "tasks">({
  count: ["Count"],
  network: ["Networks", (value: Network) => [network(value)]],
  services: ["Services", each(service)],
  volumes: ["Volumes", volumes],
  ephemeralDisk: ["EphemeralDisk", ephemeralDisk],
  shutdownDelay: ["ShutdownDelay", duration],
  maxRunDuration: ["MaxRunDuration", duration],
  meta: ["Meta"],
  constraints: ["Constraints", each(constraint)],
  affinities: ["Affinities", each(affinity)],
  spreads: ["Spreads", each(spread)],
  restart: ["RestartPolicy", restart],
  reschedule: ["ReschedulePolicy", reschedule],
  update: ["Update", update],
  migrate: ["Migrate", migrate],
  disconnect: ["Disconnect", disconnect],
});

function group(Name: string, value: Group): Record<string, unknown> {
  const result = groupFields(value);
  result["Name"] = Name;
  result["Tasks"] = Object.entries(value.tasks).map(([name, options]) => task(name, options));
  return result;
}

const periodicFields = block<Periodic>({
  crons: ["Specs"],
  prohibitOverlap: ["ProhibitOverlap"],
  timeZone: ["TimeZone"],
  enabled: ["Enabled"],
});

const parameterized = block<Parameterized>({
  payload: ["Payload"],
  metaRequired: ["MetaRequired"],
  metaOptional: ["MetaOptional"],
});

const jobFields = block<Job, "groups">({
  id: ["ID"],
  name: ["Name"],
  type: ["Type"],
  region: ["Region"],
  namespace: ["Namespace"],
  nodePool: ["NodePool"],
  datacenters: ["Datacenters"],
  priority: ["Priority"],
  allAtOnce: ["AllAtOnce"],
  meta: ["Meta"],
  constraints: ["Constraints", each(constraint)],
  affinities: ["Affinities", each(affinity)],
  spreads: ["Spreads", each(spread)],
  update: ["Update", update],
  reschedule: ["Reschedule", reschedule],
  migrate: ["Migrate", migrate],
  periodic: ["Periodic", periodicFields],
  parameterized: ["ParameterizedJob", parameterized],
});

/**
 * Renders a job as Nomad's API takes it: durations in nanoseconds, ports split, the keys of unset options absent, all
 * keys sorted, so that equal jobs give equal text. Expects a job without problems.
 *
 * @param job - as {@link validateJob} accepts it.
 * @returns the bare job, without the `{ Job: … }` around it.
 * @see https://developer.hashicorp.com/nomad/api-docs/json-jobs
 */
export function renderJob(job: Job): JobJson {
  const result = jobFields(job);
  result["Name"] = job.name ?? job.id;
  result["Type"] = job.type ?? "service";
  result["TaskGroups"] = Object.entries(job.groups).map(([name, options]) => group(name, options));
  return sortKeys(result) as unknown as JobJson;
}
