import { formatProblem } from "../../../constructs/core/problems";
import { jobFitsFleet } from "../../../constructs/jobspec/fleet-fit";
import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Mount } from "../../../constructs/jobspec/mounts/mount";
import { mountVolumes, withMounts } from "../../../constructs/jobspec/mounts/with-mounts";
import { checkJob } from "../../../constructs/jobspec/validate";
import { job as base, task, wrong } from "../refused/job";
import { fleet } from "./fleet";

const context = { fleet, region: "east" };
const job = (changes: Partial<Job> = {}, group: Partial<Group> = {}) =>
  base({ region: "east", nodePool: "gpu", ...changes }, group);
const data = { group: "web", task: "web", destination: "/data" } as const;
const mounted = (mount: Partial<Mount>, subject = job()) => withMounts(subject, [mountOf(mount)], context);
const mountOf = (mount: Partial<Mount>): Mount => ({ ...data, volume: "db", ...mount });
const problems = (mounts: readonly Partial<Mount>[], subject = job()) =>
  mountVolumes(subject, mounts.map(mountOf), context).problems.map(formatProblem);
const volumesOf = (subject: Job, group = "web") => subject.groups[group]?.volumes;
const two = { a: { tasks: { web: task } }, b: { tasks: { web: task } } };

describe("withMounts", () => {
  test("adds the group's volume and the task's mount, in the volume's own way", () => {
    const subject = mounted({ volume: "db", propagationMode: "host-to-task", selinuxLabel: "z" });
    expect(subject.groups["web"]).toEqual({
      volumes: { db: { type: "csi", source: "db", accessMode: "single-node-writer", attachmentMode: "file-system" } },
      tasks: {
        web: {
          ...task,
          volumeMounts: [{ volume: "db", destination: "/data", propagationMode: "host-to-task", selinuxLabel: "z" }],
        },
      },
    });
  });

  test.each<[string, Partial<Mount>, Partial<Group>, object]>([
    ["one writer narrowly", { volume: "either" }, {}, { accessMode: "single-node-writer" }],
    [
      "readers where writers have no place",
      { volume: "either", readOnly: true },
      { count: 2 },
      { accessMode: "multi-node-reader-only", readOnly: true },
    ],
    [
      "readers so that others may write",
      { volume: "cache", readOnly: true },
      { count: 2 },
      { accessMode: "multi-node-multi-writer", readOnly: true },
    ],
    [
      "readers in the mode that is asked for",
      { volume: "either", readOnly: true, accessMode: "multi-node-reader-only" },
      {},
      { accessMode: "multi-node-reader-only", readOnly: true },
    ],
    ["several writers", { volume: "cache" }, { count: 3 }, { accessMode: "multi-node-multi-writer" }],
    ["one of many nodes", { volume: "writer" }, { count: 1 }, { accessMode: "multi-node-single-writer" }],
    ["a block device", { volume: "raw", attachmentMode: "block-device" }, {}, { attachmentMode: "block-device" }],
    [
      "one for each allocation",
      { volume: "parts" },
      { count: 3 },
      { perAlloc: true, accessMode: "single-node-writer" },
    ],
    [
      "one of those for each allocation",
      { volume: "parts[2]" },
      {},
      { source: "parts[2]", accessMode: "single-node-writer" },
    ],
    [
      "with mount options",
      { mountOptions: { mountFlags: ["noatime"] } },
      {},
      { mountOptions: { mountFlags: ["noatime"] } },
    ],
    [
      "a directory of one machine",
      { volume: "local" },
      {},
      { type: "host", accessMode: "single-node-multi-writer", attachmentMode: "file-system" },
    ],
    ["a directory to come back to", { volume: "each" }, {}, { type: "host", sticky: true }],
    ["one writer on each machine", { volume: "alone" }, { count: 2 }, { accessMode: "single-node-single-writer" }],
  ])("asks for %s", (_what, mount, group, wanted) => {
    const [entry] = Object.values(volumesOf(mounted(mount, job({}, group))) ?? {});
    expect(entry).toMatchObject(wanted);
  });

  test("takes a host volume without modes", () => {
    expect(volumesOf(mounted({ volume: "models", readOnly: true }))).toEqual({
      models: { type: "host", source: "models", readOnly: true },
    });
    expect(volumesOf(mounted({ volume: "scratch" }))).toEqual({ scratch: { type: "host", source: "scratch" } });
  });

  test.each<[string, Partial<Mount>, Partial<Job>]>([
    ["false where it is so", { volume: "each", sticky: false }, {}],
    ["without being asked, for readers", { volume: "each", readOnly: true }, {}],
    ["without being asked, for jobs that end", { volume: "each" }, { type: "batch" }],
    ["without being asked, where there is one machine", { volume: "local" }, {}],
  ])("is not sticky: %s", (_what, mount, changes) => {
    expect(Object.values(volumesOf(mounted(mount, job(changes))) ?? {})).toEqual([
      expect.not.objectContaining({ sticky: true }),
    ]);
  });

  test("gives an entry the volume's name, in letters that every tool takes", () => {
    expect(Object.keys(volumesOf(mounted({ volume: "parts[0]" })) ?? {})).toEqual(["parts-0"]);
  });

  test("lets tasks of a group share an entry, which is read-only where all of them are", () => {
    const subject = job({}, { tasks: { web: task, reader: task } });
    const share = (readOnly: boolean) =>
      withMounts(
        subject,
        [mountOf({ volume: "cache", readOnly }), mountOf({ volume: "cache", task: "reader", readOnly: true })],
        context,
      ).groups["web"];
    expect(share(false)?.volumes).toEqual({
      cache: { type: "csi", source: "cache", accessMode: "multi-node-multi-writer", attachmentMode: "file-system" },
    });
    expect(share(false)?.tasks["reader"]?.volumeMounts).toEqual([
      { volume: "cache", destination: "/data", readOnly: true },
    ]);
    expect(share(true)?.volumes?.["cache"]).toMatchObject({ readOnly: true });
  });

  test("keeps what the group and the task have", () => {
    const own = { volumes: { models: { type: "host", source: "models", readOnly: true } } } as const;
    const mounts = [{ volume: "models", destination: "/models", readOnly: true }];
    const subject = mounted({}, job({}, { ...own, tasks: { web: { ...task, volumeMounts: mounts } } }));
    expect(Object.keys(volumesOf(subject) ?? {})).toEqual(["models", "db"]);
    expect(subject.groups["web"]?.tasks["web"]?.volumeMounts?.map(({ volume }) => volume)).toEqual(["models", "db"]);
  });

  test("uses a volume in one way in all groups of a job", () => {
    const wide = withMounts(
      job({ groups: two }),
      [mountOf({ volume: "cache", group: "a" }), mountOf({ volume: "cache", group: "b", readOnly: true })],
      context,
    );
    expect([volumesOf(wide, "a"), volumesOf(wide, "b")]).toMatchObject([
      { cache: { accessMode: "multi-node-multi-writer" } },
      { cache: { accessMode: "multi-node-multi-writer", readOnly: true } },
    ]);
  });

  test("asks for the pools that can mount it, in the pool of all", () => {
    const constraints = (...mounts: readonly Partial<Mount>[]) =>
      withMounts(job({ nodePool: "all" }), mounts.map(mountOf), context).groups["web"]?.constraints;
    expect(constraints({ volume: "cache" })).toEqual([{ attribute: "${node.pool}", value: "gpu" }]);
    const logs = { gpu: { ...fleet.pools["gpu"]!, hostVolumes: { logs: { path: "/var/log" } } } };
    const wider = { ...context, fleet: { ...fleet, pools: { ...fleet.pools, ...logs } } };
    const everywhere = withMounts(job({ nodePool: "all" }), [mountOf({ volume: "logs" })], wider);
    expect(everywhere.groups["web"]?.constraints).toEqual([
      { attribute: "${node.pool}", operator: "set_contains_any", value: "gpu,web" },
    ]);
    expect(jobFitsFleet(everywhere, wider.fleet)).toEqual([]);
    expect(mounted({}).groups["web"]?.constraints).toBeUndefined();
  });

  test("throws with everything that is wrong", () => {
    expect(() => withMounts(job(), [mountOf({ volume: "bd" }), mountOf({ group: "wbe" })], context)).toThrow(
      /^job web is not valid\n {2}- mounts\.0\.volume: .*\n {2}- mounts\.1\.group: /,
    );
  });

  test("gives jobs that the rules have nothing against", () => {
    const mounts = ["cache", "db", "local", "scratch"].map((volume) =>
      mountOf({ volume, destination: `/mnt/${volume}` }),
    );
    const subject = withMounts(job(), mounts, context);
    expect(checkJob(subject, { fleet, find: () => jobFitsFleet(subject, fleet) }).problems).toEqual([]);
  });
});

describe("a mount is refused", () => {
  test.each<[string, readonly Partial<Mount>[], Job]>([
    ["of an unknown volume", [{ volume: "bd" }], job()],
    ["of a volume of another region", [{ volume: "far" }], job()],
    ["of a host volume of another pool", [{ volume: "logs" }], job()],
    ["of a volume of another namespace", [{ volume: "team" }], job()],
    ["of a retired volume", [{ volume: "old" }], job()],
    ["in a pool without the plugin", [{ volume: "db" }], job({ nodePool: "web" })],
    ["in another pool than the directory's", [{ volume: "local" }], job({ nodePool: "web" })],
    ["in a group that is not there", [{ group: "wbe" }], job()],
    ["in a task that is not there", [{ task: "wbe" }], job()],
    [
      "in a task whose driver cannot",
      [{}],
      job({}, { tasks: { web: { driver: "raw_exec", config: { command: "/a" } } } }),
    ],
    ["of one writer's volume for two", [{}], job({}, { count: 2 })],
    ["of one writer's volume for as many as scaling likes", [{}], job({}, { scaling: { max: 4 } })],
    ["of one writer's volume on every machine", [{}], job({ type: "system" })],
    ["of one writer's volume in two groups", [{ group: "a" }, { group: "b", readOnly: true }], job({ groups: two })],
    ["of one writer's volume with a canary", [{}], job({}, { update: { canary: 1 } })],
    ["to write what can be read", [{ volume: "readers" }], job()],
    ["as a file system of a block device", [{ volume: "raw" }], job()],
    ["in a mode that the volume lacks", [{ volume: "cache", accessMode: "single-node-writer" }], job()],
    [
      "in two modes",
      [
        { volume: "cache", accessMode: "multi-node-multi-writer" },
        { volume: "cache", destination: "/b" },
      ],
      job(),
    ],
    ["with options of a directory", [{ volume: "local", mountOptions: { fsType: "ext4" } }], job()],
    [
      "with options of a block device",
      [{ volume: "raw", attachmentMode: "block-device", mountOptions: { fsType: "ext4" } }],
      job(),
    ],
    ["of fewer volumes than allocations", [{ volume: "parts" }], job({}, { count: 4 })],
    ["of a volume per allocation on a system job", [{ volume: "parts" }], job({ type: "system" })],
    ["of a volume per allocation with canaries", [{ volume: "parts" }], job({}, { update: { canary: 1 } })],
    [
      "of a volume per allocation in two groups",
      [
        { volume: "parts", group: "a" },
        { volume: "parts", group: "b" },
      ],
      job({ groups: two }),
    ],
    ["of a volume per allocation that there is not", [{ volume: "parts[3]" }], job()],
    ["to write a directory that is read-only", [{ volume: "models" }], job()],
    ["sticky of a directory of every machine", [{ volume: "scratch", sticky: true }], job()],
    ["sticky of a CSI volume", [{ sticky: true }], job()],
    ["for more writers than machines have one", [{ volume: "alone" }], job({}, { count: 3 })],
    ["at a relative path", [{ destination: "data" }], job()],
    ["above the task's directories", [{ destination: "/data/../etc" }], job()],
    ["over the secrets", [{ destination: "/secrets/" }], job()],
    ["twice at a path", [{}, { volume: "cache", destination: "/data/" }], job()],
    [
      "where the task has a mount",
      [{}],
      job(
        {},
        {
          volumes: { models: { type: "host", source: "models" } },
          tasks: { web: { ...task, volumeMounts: [{ volume: "models", destination: "/data" }] } },
        },
      ),
    ],
    ["of a volume that the group has", [{}], job({}, { volumes: { data: wrong({ type: "csi", source: "db" }) } })],
    ["under a name that the group has", [{}], job({}, { volumes: { db: { type: "host", source: "scratch" } } })],
    [
      "of volumes without a common pool",
      [{ volume: "db" }, { volume: "logs", destination: "/logs" }],
      job({ nodePool: "all" }),
    ],
  ])("%s", (_what, mounts, subject) => {
    expect(problems(mounts, subject)).toMatchSnapshot();
  });

  test("with several problems all at once, and is left out of the job", () => {
    const subject = job({}, { count: 2 });
    const { job: left, problems: found } = mountVolumes(
      subject,
      [
        mountOf({ volume: "team" }),
        mountOf({ volume: "models", destination: "models" }),
        mountOf({ volume: "cache", destination: "/c" }),
        mountOf({ volume: "models", destination: "/models" }),
      ],
      context,
    );
    expect(found.map(({ path }) => path)).toEqual(["mounts.1.destination", "mounts.0.volume", "mounts.3.readOnly"]);
    expect(Object.keys(volumesOf(left) ?? {})).toEqual(["cache"]);
  });
});
