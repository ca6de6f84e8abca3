import * as fc from "fast-check";
import type { DriverConfig } from "../../../constructs/jobspec/driver";
import { pluginDriver } from "../../../constructs/jobspec/driver";
import type { DockerConfig } from "../../../constructs/jobspec/drivers/docker";
import type { ChangeScript, Template, TemplateOptions } from "../../../constructs/jobspec/template";
import type { Artifact, Lifecycle, Task, TaskOptions } from "../../../constructs/jobspec/task";
import type { Identity, Secret, Vault } from "../../../constructs/jobspec/workload";
import { affinity, resources, taskConstraint } from "./placement";
import { restart } from "./policies";
import {
  anyLabels,
  duration,
  few,
  labels,
  name,
  named,
  one,
  openConfig,
  secretName,
  size,
  some,
  text,
  texts,
  word,
  yesNo,
} from "./values";

const docker = some<
  Pick<
    DockerConfig,
    | "image"
    | "command"
    | "args"
    | "entrypoint"
    | "labels"
    | "volumes"
    | "mounts"
    | "init"
    | "shmSize"
    | "capDrop"
    | "pidsLimit"
    | "ulimit"
    | "logging"
    | "readonlyRootfs"
  >
>(
  {
    image: name.map((image) => `registry.example.com/${image}:1.2`),
    command: text,
    args: texts,
    entrypoint: texts,
    labels: anyLabels,
    volumes: few(name.map((volume) => `local/${volume}:/${volume}`)),
    mounts: few(
      fc.oneof(
        fc.record({ type: fc.constant("bind" as const), source: word, target: word, readonly: yesNo }),
        fc.record({
          type: fc.constant("tmpfs" as const),
          target: word,
          tmpfsOptions: fc.record({ size: size(1, 64), mode: fc.nat(1023) }),
        }),
        fc.record({
          target: word,
          volumeOptions: fc.record({ noCopy: yesNo, labels, driverConfig: fc.record({ name, options: labels }) }),
        }),
      ),
    ),
    init: yesNo,
    shmSize: size(1, 4096),
    capDrop: few(one("ALL", "NET_RAW")),
    pidsLimit: fc.nat(1000),
    ulimit: fc.constant({ nofile: "1024:2048" }),
    logging: fc.record({ type: one("json-file", "fluentd"), config: labels }),
    readonlyRootfs: yesNo,
  },
  "image",
);
const driver: fc.Arbitrary<DriverConfig> = fc.oneof<fc.Arbitrary<DriverConfig>[]>(
  fc.record({ driver: fc.constant("docker" as const), config: docker }),
  fc.record({ driver: fc.constant("exec" as const), config: fc.record({ command: word, args: texts }) }),
  fc.record({ driver: fc.constant("java" as const), config: fc.record({ jarPath: word, jvmOptions: texts }) }),
  fc.record({
    driver: fc.constant("qemu" as const),
    config: fc.record({ imagePath: word, portMap: fc.constant({ a: 1 }), guestAgent: yesNo }),
  }),
  fc.record({
    driver: fc.constant("podman" as const),
    config: fc.record({ image: fc.constant("docker.io/library/a:1"), tmpfs: texts, labels: anyLabels }),
  }),
  fc.record({ driver: name.map((given) => pluginDriver(`plugin-${given}`)), config: openConfig }),
);

const changeScript = some<Omit<ChangeScript, "runOnFirstRender">>(
  { command: word, args: texts, timeout: duration(0, 100), failOnError: yesNo },
  "command",
);
const template = (index: number): fc.Arbitrary<Template> =>
  fc
    .tuple(
      some<TemplateOptions>(
        {
          destination: one("local", "secrets").map((folder) => `${folder}/file-${index}`),
          once: yesNo,
          splay: duration(0, 100),
          perms: one("0600", "644", "0755"),
          uid: fc.nat(1000),
          gid: fc.nat(1000),
          leftDelimiter: one("[[", "<<"),
          rightDelimiter: one("]]", ">>"),
          errorOnMissingKey: yesNo,
          wait: fc.record({ min: duration(0, 10), max: duration(10, 100) }),
        },
        "destination",
      ),
      fc.oneof(
        text.filter((data) => data !== "").map((data) => ({ data })),
        word.map((source) => ({ source })),
      ),
      fc.oneof(
        fc.record({ changeMode: one("restart", "noop"), env: yesNo }),
        fc.record({ changeMode: fc.constant("signal" as const), changeSignal: one("SIGHUP", "SIGUSR1") }),
        fc.record({ changeMode: fc.constant("script" as const), changeScript }),
        fc.constant({}),
      ),
    )
    .map(([options, from, change]) => ({ ...options, ...from, ...change }));

const artifact = some<Artifact>(
  {
    source: name.map((path) => `https://example.com/${path}`),
    destination: name.map((path) => `local/${path}`),
    mode: one("any", "file", "dir"),
    options: named(name, word),
    headers: labels,
    insecure: yesNo,
    chown: yesNo,
  },
  "source",
);

const identity: fc.Arbitrary<Identity> = fc
  .tuple(
    some<Pick<Identity, "aud" | "env" | "ttl">>({ aud: few(word, 1), env: yesNo, ttl: duration(0, 9000) }, "aud"),
    fc.oneof(fc.constant({}), fc.record({ file: yesNo }), fc.record({ file: fc.constant(true), filepath: name })),
  )
  .map(([rest, where]) => ({ ...rest, ...where }));
const identities = fc
  .tuple(fc.option(some<Identity>({ env: yesNo, file: yesNo } as never), { nil: undefined }), named(name, identity))
  .map(([first, rest]) => [
    ...(first === undefined ? [] : [first]),
    ...Object.entries(rest).map(([key, one_]) => ({ ...one_, name: `n-${key}` })),
  ]);

export const vault: fc.Arbitrary<Vault> = some<Omit<Vault, "namespace" | "cluster" | "changeSignal">>({
  role: name,
  policies: few(name),
  env: yesNo,
  disableFile: yesNo,
  changeMode: one("restart", "noop"),
  allowTokenExpiration: yesNo,
});

export const secrets: fc.Arbitrary<Record<string, Secret>> = named(
  secretName,
  some<Secret>(
    { provider: one("nomad", "own"), path: name, config: fc.constant({}), env: fc.constant({}) },
    "provider",
    "path",
  ),
);

const lifecycle: fc.Arbitrary<Lifecycle> = fc.oneof<fc.Arbitrary<Lifecycle>[]>(
  fc.record({ hook: one("prestart", "poststart"), sidecar: yesNo }),
  fc.record({ hook: fc.constant("poststop" as const) }),
);

const options = some<
  Omit<
    TaskOptions,
    | "kind"
    | "leader"
    | "volumeMounts"
    | "services"
    | "consul"
    | "dispatchPayload"
    | "csiPlugin"
    | "lifecycle"
    | "secrets"
  >
>({
  user: word,
  env: anyLabels,
  meta: anyLabels,
  killTimeout: duration(0, 30),
  killSignal: one("SIGINT", "SIGTERM"),
  shutdownDelay: duration(0, 30),
  resources,
  templates: fc.tuple(template(0), template(1), template(2)).chain((all) => fc.subarray(all)),
  artifacts: few(artifact),
  constraints: few(taskConstraint),
  affinities: few(affinity),
  restart,
  logs: some({ maxFiles: fc.integer({ min: 1, max: 5 }), maxFileSize: size(1, 10), disabled: yesNo }),
  identities,
  vault,
  actions: named(name, some({ command: word, args: texts }, "command")),
});

/** A main task, and one that may run before, beside or after. */
export const task: fc.Arbitrary<Task> = fc.tuple(options, driver).map(([rest, config]) => ({ ...rest, ...config }));
export const helper: fc.Arbitrary<Task> = fc
  .tuple(task, lifecycle)
  .map(([rest, when]) => ({ ...rest, lifecycle: when }));
