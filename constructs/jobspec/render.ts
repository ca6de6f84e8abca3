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
import type { CheckRestart, ConsulService, GrpcCheck, HttpCheck, ScriptCheck } from "./service";
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

/** Keys that come from the whole value, or from the label it stands under. */
type Computed<T> = Readonly<Record<string, (value: T, label: string) => unknown>>;

/** Makes a function that renders a value with its keys sorted and those of unset properties absent. */
function block<T extends object, ByHand extends keyof T = never>(
  rules: Rules<T, ByHand>,
  computed: Computed<T> = {},
): (value: T, label?: string) => Record<string, unknown> {
  const entries = [
    ...Object.entries<Rule>(rules as Record<string, Rule>).map(([name, [key, convert]]) => ({ name, key, convert })),
    ...Object.entries(computed).map(([key, compute]) => ({ key, compute })),
  ].sort((a, b) => (a.key < b.key ? -1 : 1)) as readonly Entry<T>[];
  return (value, label = "") => {
    const result: Record<string, unknown> = {};
    for (const { key, name, convert, compute } of entries) {
      if (compute !== undefined) {
        const made = compute(value, label);
        if (made !== undefined) result[key] = made;
        continue;
      }
      const given = (value as Record<string, unknown>)[name];
      if (given !== undefined) result[key] = convert === undefined ? given : convert(given as never);
    }
    return result;
  };
}

interface Entry<T> {
  readonly key: string;
  readonly name: string;
  readonly convert?: (value: never) => unknown;
  readonly compute?: (value: T, label: string) => unknown;
}

function each<T>(convert: (value: T) => unknown): (values: readonly T[]) => unknown[] {
  return (values) => values.map((value) => convert(value));
}

/** A map whose keys are the user's. */
function map<T extends Readonly<Record<string, unknown>>>(values: T): T {
  return sortKeys(values);
}

/** Renders the values of a labelled block, in the order given. */
function labelled<T>(render: (value: T, label: string) => unknown): (values: Readonly<Record<string, T>>) => unknown[] {
  return (values) => Object.entries(values).map(([label, value]) => render(value, label));
}

function duration(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new AssumptionError(`"${text}" is no duration: validateJob() reports this first`);
  return value;
}

/** Docker's `list(map(string))`: a map in a list of one. */
function listed(values: Readonly<Record<string, unknown>>): unknown[] {
  return [map(values)];
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

const constraint = block<Constraint, "operator">(
  { attribute: ["LTarget"], value: ["RTarget"] },
  { Operand: ({ operator }) => operator ?? "=" },
);

const affinity = block<Affinity, "operator">(
  { attribute: ["LTarget"], value: ["RTarget"], weight: ["Weight"] },
  { Operand: ({ operator }) => operator ?? "=" },
);

const spread = block<Spread, "targets">(
  { attribute: ["Attribute"], weight: ["Weight"] },
  {
    SpreadTarget: ({ targets }) =>
      targets === undefined ? undefined : Object.entries(targets).map(([Value, Percent]) => ({ Percent, Value })),
  },
);

const dns = block<Dns>({ servers: ["Servers"], searches: ["Searches"], options: ["Options"] });

const port = block<Port>(
  { static: ["Value"], to: ["To"], hostNetwork: ["HostNetwork"], ignoreCollision: ["IgnoreCollision"] },
  { Label: (_port, label) => label },
);

/** The API knows two lists of ports where a jobspec has one: those with a number on the host, and the rest. */
function ports(network: Network, areStatic: boolean): unknown[] | undefined {
  const wanted = Object.entries(network.ports ?? {}).filter(([, given]) => ((given.static ?? 0) !== 0) === areStatic);
  return wanted.length === 0 ? undefined : wanted.map(([label, given]) => port(given, label));
}

const network = block<Network, "ports">(
  {
    mode: ["Mode"],
    hostname: ["Hostname"],
    dns: ["DNS", dns],
    cni: ["CNI", block<NonNullable<Network["cni"]>>({ args: ["Args", map] })],
  },
  {
    DynamicPorts: (value) => ports(value, false),
    ReservedPorts: (value) => ports(value, true),
  },
);

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
  header: ["Header", map],
  body: ["Body"],
  tlsSkipVerify: ["TLSSkipVerify"],
  tlsServerName: ["TLSServerName"],
  grpcService: ["GRPCService"],
  grpcUseTls: ["GRPCUseTLS"],
  command: ["Command"],
  args: ["Args"],
});

const service = block<Omit<ConsulService, "provider"> & { readonly provider?: string }, "provider">(
  {
    name: ["Name"],
    port: ["PortLabel"],
    addressMode: ["AddressMode"],
    address: ["Address"],
    tags: ["Tags"],
    canaryTags: ["CanaryTags"],
    task: ["TaskName"],
    onUpdate: ["OnUpdate"],
    checkRestart: ["CheckRestart", checkRestart],
    checks: ["Checks", each(check)],
    meta: ["Meta", map],
    canaryMeta: ["CanaryMeta", map],
    taggedAddresses: ["TaggedAddresses", map],
    enableTagOverride: ["EnableTagOverride"],
  },
  { Provider: ({ provider }) => provider ?? "nomad" },
);

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
  options: ["GetterOptions", map],
  headers: ["GetterHeaders", map],
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

const identity = block<Identity, "name">(
  {
    aud: ["Audience"],
    env: ["Env"],
    file: ["File"],
    filepath: ["Filepath"],
    ttl: ["TTL", duration],
    changeMode: ["ChangeMode"],
    changeSignal: ["ChangeSignal"],
  },
  { Name: ({ name }) => name ?? "default" },
);

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
        listed({ ...(value.config === undefined ? {} : { config: listed(value.config) }), type: value.type }),
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
  if (render === undefined) return map(config);
  const result = render(config as never);
  return config["extra"] === undefined ? result : map(Object.assign(result, config["extra"]));
}

const taskRules: Rules<TaskOptions, never> = {
  user: ["User"],
  env: ["Env", map],
  meta: ["Meta", map],
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
};

const task = block<Task, "driver" | "config">(taskRules, {
  Config: driverConfig,
  Driver: ({ driver }) => driver,
  Name: (_task, label) => label,
});

type AnyVolume = Omit<HostVolume, "type" | "accessMode"> & Omit<CsiVolume, "type" | "accessMode">;

const volume = block<AnyVolume & { readonly type: string; readonly accessMode: string }>(
  {
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
  },
  { Name: (_volume, label) => label },
);

/** The API wants a map that repeats each name inside. */
function volumes(values: Readonly<Record<string, Volume>>): Readonly<Record<string, unknown>> {
  return map(Object.fromEntries(Object.entries(values).map(([name, given]) => [name, volume(given as never, name)])));
}

const ephemeralDisk = block<EphemeralDisk>({ sizeMiB: ["SizeMB"], sticky: ["Sticky"], migrate: ["Migrate"] });

const group = block<Group, "tasks">(
  {
    count: ["Count"],
    network: ["Networks", (value: Network) => [network(value)]],
    services: ["Services", each(service)],
    volumes: ["Volumes", volumes],
    ephemeralDisk: ["EphemeralDisk", ephemeralDisk],
    shutdownDelay: ["ShutdownDelay", duration],
    maxRunDuration: ["MaxRunDuration", duration],
    meta: ["Meta", map],
    constraints: ["Constraints", each(constraint)],
    affinities: ["Affinities", each(affinity)],
    spreads: ["Spreads", each(spread)],
    restart: ["RestartPolicy", restart],
    reschedule: ["ReschedulePolicy", reschedule],
    update: ["Update", update],
    migrate: ["Migrate", migrate],
    disconnect: ["Disconnect", disconnect],
  },
  { Name: (_group, label) => label, Tasks: ({ tasks }) => labelled(task)(tasks) },
);

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

const apiJob = block<Job, "groups" | "name" | "type">(
  {
    id: ["ID"],
    region: ["Region"],
    namespace: ["Namespace"],
    nodePool: ["NodePool"],
    datacenters: ["Datacenters"],
    priority: ["Priority"],
    allAtOnce: ["AllAtOnce"],
    meta: ["Meta", map],
    constraints: ["Constraints", each(constraint)],
    affinities: ["Affinities", each(affinity)],
    spreads: ["Spreads", each(spread)],
    update: ["Update", update],
    reschedule: ["Reschedule", reschedule],
    migrate: ["Migrate", migrate],
    periodic: ["Periodic", periodicFields],
    parameterized: ["ParameterizedJob", parameterized],
  },
  {
    Name: ({ id, name }) => name ?? id,
    TaskGroups: ({ groups }) => labelled(group)(groups),
    Type: ({ type }) => type ?? "service",
  },
);

/**
 * Renders a job as Nomad's API takes it: durations in nanoseconds, ports split, the keys of unset options absent, all
 * keys sorted, so that equal jobs give equal text. Expects a job without problems.
 *
 * @param job - as {@link validateJob} accepts it.
 * @returns the bare job, without the `{ Job: … }` around it.
 * @see https://developer.hashicorp.com/nomad/api-docs/json-jobs
 */
export function renderJob(job: Job): JobJson {
  return apiJob(job) as unknown as JobJson;
}
