import * as fc from "fast-check";
import type { Group } from "../../../constructs/jobspec/group";
import type { Job, JobType, Ui } from "../../../constructs/jobspec/job";
import type { Network, Port } from "../../../constructs/jobspec/network";
import type { AutoscalerPolicy, Scaling, ScalingCheck } from "../../../constructs/jobspec/scaling";
import type { Task } from "../../../constructs/jobspec/task";
import type { HostVolumeOptions, Volume } from "../../../constructs/jobspec/volume";
import { affinity, constraint, spread } from "./placement";
import { disconnect, migrate, reschedule, restart, update } from "./policies";
import { connect, consulService, nomadService } from "./services";
import { helper, secrets, task, vault } from "./tasks";
import { anyLabels, duration, few, name, named, one, portLabel, size, some, text, word, yesNo } from "./values";

const port = some<Port>({
  static: fc.constant(0),
  to: fc.integer({ min: -1, max: 65_535 }),
  hostNetwork: name,
  ignoreCollision: fc.constant(false),
});
const dns = some({ servers: few(one("1.1.1.1", "fd00::1")), searches: few(name), options: few(name) });

const cniArgs = named(name, word);

/** A network with a port `http`. */
const network = (mode: Network["mode"]): fc.Arbitrary<Network> =>
  some<{ ports: Network["ports"]; dns: Network["dns"]; cni: Network["cni"]; hostname: string }>(
    {
      ports: fc
        .tuple(fc.record({ http: port }), named(portLabel, port), fc.integer({ min: 1, max: 65_535 }))
        .map(([first, rest, number]) => ({ ...rest, ...first, fixed: { static: number } })),
      dns,
      cni: fc.record({ args: cniArgs }),
      hostname: name,
    },
    "ports",
  ).map(({ hostname, ...rest }) => ({ ...rest, mode, ...(mode === "bridge" ? { hostname } : {}) }) as Network);

const volume: fc.Arbitrary<Volume> = fc.oneof<fc.Arbitrary<Volume>[]>(
  some<Pick<HostVolumeOptions, "type" | "source" | "readOnly"> & { sticky?: boolean }>(
    { type: fc.constant("host" as const), source: name, readOnly: yesNo, sticky: yesNo },
    "type",
    "source",
  ),
  fc.record({
    type: fc.constant("csi" as const),
    source: name,
    accessMode: fc.constant("multi-node-multi-writer" as const),
    attachmentMode: fc.constant("file-system" as const),
    mountOptions: some({ fsType: word, mountFlags: few(name) }),
  }),
);

const scalingCheck = some<Pick<ScalingCheck, "source" | "query" | "queryWindow" | "strategy">>(
  {
    source: name,
    query: text,
    queryWindow: duration(1, 100),
    strategy: fc.constant({ "target-value": { target: 70, max: 1.5, on: true } }),
  },
  "strategy",
);

const scaling = (count: number): fc.Arbitrary<Scaling> =>
  some<Scaling>(
    {
      min: fc.nat(Math.min(count, 1)),
      max: fc.integer({ min: Math.max(count, 1), max: 20 }),
      enabled: yesNo,
      policy: some<AutoscalerPolicy>({
        cooldown: duration(1, 100),
        evaluationInterval: duration(1, 100),
        onCheckError: one("ignore", "fail"),
        checks: named(word, scalingCheck),
      }),
    },
    "max",
  );

function group(type: JobType): fc.Arbitrary<Group> {
  const isSystem = type === "system" || type === "sysbatch";
  const count = isSystem ? fc.constant(1) : fc.nat(4);
  const wide = isSystem ? [] : [affinity];
  const rest = count.chain((chosen) =>
    some<Omit<Group, "tasks" | "network" | "services" | "maxRunDuration" | "consul" | "secrets" | "volumes">>({
      count: fc.constant(chosen),
      shutdownDelay: duration(0, 30),
      ephemeralDisk: some({ size: size(200, 2000), sticky: yesNo, migrate: yesNo }),
      meta: anyLabels,
      constraints: few(constraint),
      affinities: wide.length > 0 ? few(affinity) : fc.constant([]),
      spreads: isSystem ? fc.constant([]) : few(spread),
      restart,
      reschedule: reschedule(type) as fc.Arbitrary<NonNullable<Group["reschedule"]>>,
      update: (type === "service" ? update : fc.constant(undefined)) as fc.Arbitrary<NonNullable<Group["update"]>>,
      migrate: (type === "service" ? migrate : fc.constant(undefined)) as fc.Arbitrary<NonNullable<Group["migrate"]>>,
      disconnect: disconnect(type),
      scaling: (isSystem ? fc.constant(undefined) : scaling(chosen)) as fc.Arbitrary<NonNullable<Group["scaling"]>>,
      vault,
    }),
  );
  const served = fc.oneof(
    fc.constant({}),
    fc.record({ network: fc.oneof(network("host"), network("bridge"), network("none"), network("cni/lan")) }),
    fc.record({
      network: fc.oneof(network("host"), network("bridge")),
      services: nomadService.map((service) => [service]),
    }),
    fc.record({ network: network("host"), services: consulService.map((service) => [service]) }),
    fc.record({
      network: network("bridge").map((net): Network => ({ mode: "bridge", ports: net.ports ?? {} })),
      services: fc
        .tuple(consulService, connect)
        .map(([service, how]) => [{ ...service, port: "http", checks: [], connect: how }]),
    }),
  );
  const stored = fc.option(named(name, volume, 1), { nil: undefined });
  return fc.tuple(rest, served, stored, task, named(name, helper)).map(([options, net, volumes, main, helpers]) => {
    const mounts = Object.entries(volumes ?? {}).map(([key, { readOnly }]) => ({
      volume: key,
      destination: `/${key}`,
      ...(readOnly === true ? { readOnly } : {}),
    }));
    const all = Object.entries({ ...helpers, main }).map(
      ([key, one_]) => [key, isSystem ? { ...one_, affinities: [] } : one_] as const,
    );
    const tasks: Record<string, Task> = Object.fromEntries(all);
    if (mounts.length > 0) Object.assign(tasks, { main: { ...tasks["main"], volumeMounts: mounts } });
    return { ...options, ...net, ...(volumes === undefined ? {} : { volumes }), tasks };
  });
}

const ui = some<Ui>({
  description: text,
  links: few(fc.record({ label: word, url: fc.constant("https://example.com/?a=b") })),
});

/** What jobs of each type may have beside their groups. */
function whole(type: JobType): fc.Arbitrary<Omit<Job, "id" | "groups">> {
  const isBatch = type === "batch" || type === "sysbatch";
  const none = fc.constant(undefined) as fc.Arbitrary<never>;
  const list = <T>(item: fc.Arbitrary<T>) => (type === "system" || type === "sysbatch" ? fc.constant([]) : few(item));
  return some<Omit<Job, "id" | "groups" | "allow" | "nodePool" | "namespace" | "region">>({
    name: text.filter((given) => given !== ""),
    type: fc.constant(type),
    datacenters: few(one("*", "dc1", "east-*"), 1),
    priority: fc.integer({ min: 1, max: 100 }),
    allAtOnce: yesNo,
    meta: anyLabels,
    constraints: few(constraint),
    affinities: list(affinity),
    spreads: list(spread),
    update: type === "service" ? update : none,
    reschedule: reschedule(type) as fc.Arbitrary<NonNullable<Job["reschedule"]>>,
    migrate: type === "service" ? migrate : none,
    periodic: isBatch
      ? fc.record({
          crons: few(one("@daily", "*/5 * * * *"), 1),
          prohibitOverlap: yesNo,
          timeZone: one("UTC", "Europe/Berlin"),
        })
      : none,
    parameterized: none,
    ui,
    vault,
    secrets,
  }).map((job) => ({ ...job, type }));
}

/** A job that is valid, mostly: by construction, but for what only whole jobs show. */
export const job: fc.Arbitrary<Job> = one("service", "service", "batch", "system", "sysbatch").chain((type) =>
  fc
    .tuple(fc.stringMatching(/^[a-zA-Z0-9_.-]{1,12}$/), whole(type), named(name, group(type), 1))
    .map(([id, rest, groups]) => ({ ...rest, id, groups })),
);
