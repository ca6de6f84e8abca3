import { jobFitsFleet } from "../../../constructs/jobspec/fleet-fit";
import type { Job } from "../../../constructs/jobspec/job";
import type { LintName } from "../../../constructs/jobspec/rules/catalogue";
import { jobFitsVersion, type NomadTarget } from "../../../constructs/jobspec/rules/versions";
import { type CheckedJob, checkJob } from "../../../constructs/jobspec/validate";
import { CsiDriver } from "../../../model/csi-drivers";
import type { Fleet } from "../../../model/types";
import { smallFleet, spoil } from "../../helpers/fleet";
import { checked, checkedByConsul, job, meshed, serving, task, wrong } from "../refused/job";

/** A job that breaks a rule, and only that one. */
export interface Linted {
  readonly rule: LintName;
  readonly job: Job;
  /** The Nomad that it is for; the newest without. */
  readonly nomad?: NomadTarget;
  /** Whether it takes the pools of {@link lintedFleet} to tell. */
  readonly isPlaced?: boolean;
}

/** The small fleet, of which one pool is at the edge and one has a share. */
export function lintedFleet(): Fleet {
  return spoil(spoil(smallFleet(), "pools.edge.edge", {}), "regions.north.storage", {
    plugins: { nfs: { driver: CsiDriver.hostpath(), pools: ["gpu"] } },
    volumes: { share: { kind: "nfs", plugin: "nfs", server: "nas", share: "/share" } },
  });
}

/** All that is found in the job of a rule, after its allowances. */
export function checkLinted({ nomad = {}, isPlaced = false }: Linted, subject: Job): CheckedJob {
  const fleet = lintedFleet();
  const find = () => [...jobFitsVersion(subject, nomad), ...(isPlaced ? jobFitsFleet(subject, fleet) : [])];
  return checkJob(subject, { fleet, find });
}

const docker = (config: object, options: object = {}, group: object = {}) =>
  job({}, group, wrong({ driver: "docker", config: { image: "a:1.2", ...config }, ...options }));
const env = (variables: Readonly<Record<string, string>>, group: object = {}) => job({}, group, { env: variables });
const identity = (changes: object) => job({}, {}, { identities: [{ name: "a", aud: ["a"], ttl: "1h", ...changes }] });
const template = (data: string, changes: object = {}) =>
  job({}, {}, { templates: [wrong({ data, destination: "local/a", ...changes })] });
const artifact = (changes: object) => job({}, {}, { artifacts: [{ source: "https://a.example/a", ...changes }] });
const constrained = (changes: object) =>
  job({ constraints: [wrong({ attribute: "${meta.gpu}", value: "a", ...changes })] });
const gpu = { resources: { devices: [{ name: "nvidia/gpu" }] } };
const ports = (changes: object) => ({ network: { ports: { http: changes } } });
const upstream = (changes: object) =>
  meshed({ sidecarService: { proxy: { upstreams: [{ destinationName: "web", localBindPort: 90, ...changes }] } } });
const ingress = (...listeners: readonly object[]) => meshed({ gateway: { ingress: { listeners } } }, {}, { tasks: {} });
const half = { tasks: { web: { ...task, resources: { memory: "40GiB" } } } } as const;
const http = { port: 80, protocol: "http", services: [{ name: "a" }] };
const scaled = (policy: object) => job({}, { count: 1, scaling: { max: 2, policy } });
const autoscalerCheck = { strategy: { "target-value": { target: 70 } } };
const volume = (changes: object) => job({}, { volumes: { data: wrong({ source: "data", ...changes }) } });
const csi = { type: "csi", accessMode: "multi-node-multi-writer", attachmentMode: "file-system" };
const claim = (changes: object) => wrong({ ...csi, source: "data", ...changes });
const onShare = (config: object, driver = "docker", destination = "/data") =>
  job(
    { nodePool: "gpu" },
    { volumes: { data: claim({ source: "share", accessMode: "multi-node-single-writer" }) } },
    wrong({ driver, config, volumeMounts: [{ volume: "data", destination }] }),
  );
const random = "q9Zt4LmW2xVb8RkYs3DfHj6NcPa7";

/** For every rule of the catalogue at least one job that breaks it. */
export const linted: Readonly<Record<string, Linted>> = {
  "an image without a tag": { rule: "floating-image", job: docker({ image: "registry:5000/nginx" }) },
  "the latest image": { rule: "floating-image", job: docker({ image: "registry:5000/team/nginx:latest" }) },
  "the latest image for CUDA": { rule: "floating-image", job: docker({ image: "a/b:latest-cuda" }) },
  "an image of podman without a tag": {
    rule: "floating-image",
    job: job({}, {}, wrong({ driver: "podman", config: { image: "docker://busybox" } })),
  },
  "an image of a sidecar without a tag": {
    rule: "floating-image",
    job: meshed({ sidecarService: {}, sidecarTask: { config: { image: "envoyproxy/envoy" } } }),
  },
  "a tag that moves": { rule: "moving-tag", job: docker({ image: "nginx:stable" }) },
  "a privileged container": { rule: "privileged", job: docker({ privileged: true }) },
  "a privileged container in the driver's words": { rule: "privileged", job: docker({ extra: { privileged: true } }) },
  raw_exec: { rule: "raw-exec", job: job({}, {}, wrong({ driver: "raw_exec", config: { command: "/bin/true" } })) },
  "all capabilities": { rule: "powerful-capability", job: docker({ capAdd: ["cap_sys_admin"] }) },
  "the host's processes": { rule: "host-namespace", job: docker({ pidMode: "host" }) },
  "Docker's socket": { rule: "docker-socket", job: docker({ volumes: ["/var/run/docker.sock:/var/run/docker.sock"] }) },
  "Docker's socket as a mount": {
    rule: "docker-socket",
    job: docker({ mounts: [{ type: "bind", source: "/run/docker.sock", target: "/docker.sock" }] }),
  },
  "a token in env": { rule: "plain-secret", job: env({ HF_TOKEN: "hf_abc" }) },
  "a password in arguments": { rule: "plain-secret", job: docker({ args: ["--db-password", "ChAnGeMe"] }) },
  "a password of a registry": { rule: "plain-secret", job: docker({ auth: { password: "hunter2" } }) },
  "a known shape under a harmless name": { rule: "plain-secret", job: env({ GREETING: `ghp_${"aB3".repeat(12)}` }) },
  "a private key in a template": {
    rule: "plain-secret",
    job: template("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"),
  },
  "a password in a template": { rule: "plain-secret", job: template('user = "me"\npassword = "hunter2"\n') },
  "a secret in meta": { rule: "plain-secret", job: job({ meta: { api_key: "abc" } }) },
  "a header of an artifact": { rule: "plain-secret", job: artifact({ headers: { Authorization: "Bearer abc" } }) },
  "a key among an artifact's options": { rule: "plain-secret", job: artifact({ options: { sshkey: "LS0tLS1C" } }) },
  "a password in a URL of env": { rule: "url-credentials", job: env({ DATABASE_URL: "postgres://me:hunter2@db/web" }) },
  "a password in an artifact's URL": {
    rule: "url-credentials",
    job: artifact({ source: "git::https://me:hunter2@a.example/a" }),
  },
  "random text in a template": {
    rule: "secret-like",
    job: template(`salt = ${random}\n`, { destination: "secrets/a" }),
  },
  "random text": { rule: "secret-like", job: env({ SALT: random }) },
  "32 hexadecimal digits": { rule: "secret-like", job: docker({ args: ["0e1f2a3b4c5d6e7f8091a2b3c4d5e6f7"] }) },
  "a password written to local/": {
    rule: "secret-in-local",
    job: template("{{ with nomadVar `nomad/jobs/web` }}password={{ .password }}{{ end }}"),
  },
  "an identity for nobody": { rule: "identity-audience", job: identity({ aud: [] }) },
  "an identity for two": { rule: "identity-audiences", job: identity({ aud: ["a", "b"] }) },
  "an identity for ever": { rule: "identity-ttl", job: identity({ ttl: undefined }) },
  "an identity that env keeps": { rule: "identity-env", job: identity({ env: true }) },
  "two identities of one name": {
    rule: "duplicate-identity",
    job: job(
      {},
      {},
      {
        identities: [
          { name: "a", aud: ["a"], ttl: "1h" },
          { name: "a", aud: ["a"], ttl: "1h" },
        ],
      },
    ),
  },
  "two default identities": {
    rule: "duplicate-identity",
    job: job({}, {}, { identities: [{ env: true }, { file: true }] }),
  },
  "an artifact over http": { rule: "insecure-artifact", job: artifact({ source: "http://a.example/a" }) },
  "an artifact of anybody": { rule: "insecure-artifact", job: artifact({ insecure: true }) },
  "a fixed port for three": { rule: "fixed-port", job: job({}, { count: 3, ...ports({ static: 80 }) }) },
  "a service on a port that is not there": { rule: "missing-port", job: serving({ name: "web", port: "bolt" }) },
  "a container's port that is not there": { rule: "missing-port", job: docker({ ports: ["http"] }) },
  "a port with a dot": { rule: "port-label", job: job({}, { network: { ports: { "a.b": {} } } }) },
  "a service of a task that is not there": {
    rule: "unknown-task",
    job: serving({ name: "web", port: "http", task: "other" }),
  },
  "a template that asks for a service that is not there": {
    rule: "unknown-service",
    job: template('{{ range nomadService "ml-training" }}{{ .Address }}{{ end }}'),
  },
  "a service that stops at once": {
    rule: "shutdown-delay",
    job: job({}, { ...ports({}), services: [{ name: "web", port: "http" }] }),
  },
  "a check that may take longer than its interval": {
    rule: "check-timeout",
    job: checked({ interval: "5s", timeout: "10s" }),
  },
  "a check slower than the deadline": {
    rule: "slow-check",
    job: { ...checked({ interval: "2m" }), update: { healthyDeadline: "1m" } },
  },
  "an update of more than there is": {
    rule: "update-parallel",
    job: job({ update: { maxParallel: 3 } }, { count: 2 }),
  },
  "one of two groups that promotes itself": {
    rule: "partial-auto-promote",
    job: job({
      groups: {
        a: { update: { canary: 1, autoPromote: true }, tasks: { web: task } },
        b: { update: { canary: 1 }, tasks: { web: task } },
      },
    }),
  },
  "restarts of a task that do not fit": {
    rule: "unchecked-restart",
    job: job({}, {}, { restart: { attempts: 100, delay: "1m", interval: "10m" } }),
  },
  "a slow end": { rule: "kill-timeout", job: job({}, {}, { killTimeout: "2m" }) },
  "a signal that is none": { rule: "unknown-signal", job: job({}, {}, { killSignal: "HUP" }) },
  "a signal of a template that is none": {
    rule: "unknown-signal",
    job: template("a", { changeMode: "signal", changeSignal: "SIGRELOAD" }),
  },
  cron: { rule: "deprecated-cron", job: job({ type: "batch", periodic: { cron: "@daily" } }) },
  "a sidecar that comes last": {
    rule: "without-effect",
    job: job({}, { tasks: { web: task, last: { ...task, lifecycle: wrong({ hook: "poststop", sidecar: true }) } } }),
  },
  "canaries without a deployment": { rule: "without-effect", job: job({ update: { maxParallel: 0, canary: 1 } }) },
  "a stagger of a service": { rule: "without-effect", job: job({ update: { stagger: "1m" } }) },
  "a host name on the host's network": {
    rule: "without-effect",
    job: job({}, { network: wrong({ hostname: "web" }) }),
  },
  "a payload of a job that is not dispatched": {
    rule: "without-effect",
    job: job({}, {}, { dispatchPayload: { file: "a" } }),
  },
  "policies of vault": { rule: "without-effect", job: job({}, {}, { vault: { policies: ["a"] } }) },
  "a writable mount of a read-only volume": {
    rule: "without-effect",
    job: job(
      {},
      { volumes: { data: { type: "host", source: "data", readOnly: true } } },
      { volumeMounts: [{ volume: "data", destination: "/d", readOnly: false }] },
    ),
  },
  "notes of Nomad's check": { rule: "without-effect", job: checked({ notes: "a" }) },
  "a check of another task": {
    rule: "without-effect",
    job: job(
      {},
      { shutdownDelay: "1s", ...ports({}) },
      {
        services: [
          { name: "web", port: "http", checks: [{ type: "tcp", task: "other", interval: "10s", timeout: "2s" }] },
        ],
      },
    ),
  },
  "two of a sysbatch group": { rule: "without-effect", job: job({ type: "sysbatch" }, { count: 2 }) },
  "a priority of 0": { rule: "out-of-range", job: job({ priority: 0 }) },
  "a negative port": { rule: "out-of-range", job: job({}, ports({ static: -1 })) },
  "no device": { rule: "out-of-range", job: job({}, {}, { resources: { devices: [{ name: "gpu", count: 0 }] } }) },
  "negative restarts": { rule: "out-of-range", job: job({}, { restart: { attempts: -1 } }) },
  "a negative threshold": {
    rule: "out-of-range",
    job: checkedByConsul({ successBeforePassing: -1 }),
  },
  "an image without a name": { rule: "missing-value", job: docker({ image: "" }) },
  "a mount of a volume without a name": {
    rule: "missing-value",
    job: job({}, {}, { volumeMounts: [{ volume: "", destination: "/d" }] }),
  },
  "a program without a name": { rule: "missing-value", job: job({}, {}, wrong({ config: { command: "" } })) },
  "an unknown network mode": { rule: "unknown-value", job: job({}, { network: wrong({ mode: "overlay" }) }) },
  "an unknown type of volume": {
    rule: "unknown-value",
    job: job({}, { volumes: { data: wrong({ type: "nfs", source: "data" }) } }),
  },
  "an access mode that CSI lacks": {
    rule: "unknown-value",
    job: job(
      {},
      {
        volumes: {
          data: wrong({
            type: "csi",
            source: "a",
            accessMode: "multi-node-reader",
            attachmentMode: "file-system",
            readOnly: true,
          }),
        },
      },
    ),
  },
  "two listeners on one port": {
    rule: "unknown-value",
    job: ingress(http, { ...http, services: [{ name: "b" }] }),
  },
  "two services of a tcp listener": {
    rule: "unknown-value",
    job: ingress({ port: 80, services: [{ name: "a" }, { name: "b" }] }),
  },
  "an unknown mode of a mesh gateway": { rule: "unknown-value", job: upstream({ meshGateway: { mode: "all" } }) },
  "an unknown protocol of a check": {
    rule: "unknown-value",
    job: checked({ type: "http", path: "/", protocol: "gopher" }),
  },
  "an id with a tab": { rule: "unknown-value", job: job({ id: "a\tb" }) },
  "no log file of a sidecar": {
    rule: "out-of-range",
    job: meshed({ sidecarService: {}, sidecarTask: { logs: { maxFiles: 0 } } }),
  },
  "a distinct host of a reference": {
    rule: "unknown-value",
    job: job({ constraints: [wrong({ operator: "distinct_hosts", value: "${meta.apart}" })] }),
  },
  "half a distinct host": {
    rule: "unknown-value",
    job: job({ constraints: [wrong({ operator: "distinct_hosts", value: "perhaps" })] }),
  },
  "an unknown restart mode of a task": { rule: "unknown-value", job: job({}, {}, { restart: wrong({ mode: "no" }) }) },
  "two strategies of the Autoscaler": {
    rule: "unknown-value",
    job: scaled({ checks: { a: { strategy: { "target-value": { target: 70 }, threshold: {} } } } }),
  },
  "an unknown attachment of a host volume": {
    rule: "unknown-value",
    job: volume({ type: "host", attachmentMode: "tape" }),
  },
  "an unknown attachment of a CSI volume": {
    rule: "unknown-value",
    job: volume({ ...csi, attachmentMode: "tape" }),
  },
  "an upstream without a name": { rule: "missing-value", job: upstream({ destinationName: "" }) },
  "a payload without a file": {
    rule: "missing-value",
    job: job({ type: "batch", parameterized: {} }, {}, { dispatchPayload: { file: "" } }),
  },
  "an extra that is a list of nothing": { rule: "unknown-property", job: docker({ extra: "a=b" }) },
  "a password in a URL of a template": {
    rule: "url-credentials",
    job: template("upstream postgres://me:hunter2@db/web\n", { destination: "secrets/a" }),
  },
  "a negative time to connect": {
    rule: "out-of-range",
    job: meshed(
      { gateway: { proxy: { connectTimeout: "-1s" }, terminating: { services: [{ name: "a" }] } } },
      {},
      { tasks: {} },
    ),
  },
  "a negative run": { rule: "out-of-range", job: job({ type: "batch" }, { maxRunDuration: "-1s" }) },
  "a negative delay of restarts": { rule: "out-of-range", job: job({}, { restart: { delay: "-1s" } }) },
  "negative restarts of a task": { rule: "out-of-range", job: job({}, {}, { restart: { attempts: -1 } }) },
  "a negative delay of a task": { rule: "out-of-range", job: job({}, {}, { restart: { delay: "-1s" } }) },
  "a negative interval of a task": { rule: "out-of-range", job: job({}, {}, { restart: { interval: "-1s" } }) },
  "negative attempts": { rule: "out-of-range", job: job({}, { reschedule: { attempts: -1 } }) },
  "a negative interval": { rule: "out-of-range", job: job({}, { reschedule: { interval: "-1s" } }) },
  "a negative bound of a constant delay": {
    rule: "out-of-range",
    job: job({}, { reschedule: { delayFunction: "constant", maxDelay: "-1s" } }),
  },
  "negative cores": { rule: "out-of-range", job: job({}, {}, { resources: { cores: -1 } }) },
  "a negative window": {
    rule: "out-of-range",
    job: scaled({ checks: { a: { ...autoscalerCheck, queryWindow: "-1s" } } }),
  },
  "a negative offset": {
    rule: "out-of-range",
    job: scaled({ checks: { a: { ...autoscalerCheck, queryWindowOffset: "-1s" } } }),
  },
  "a negative rest": { rule: "out-of-range", job: scaled({ cooldown: "-1s" }) },
  "a negative time between evaluations": { rule: "out-of-range", job: scaled({ evaluationInterval: "-1s" }) },
  "a negative time of a script": {
    rule: "out-of-range",
    job: template("a", { changeMode: "script", changeScript: { command: "/bin/true", timeout: "-1s" } }),
  },
  "a negative wait": { rule: "out-of-range", job: template("a", { wait: { min: "-1s" } }) },
  "a negative bound of a wait": { rule: "out-of-range", job: template("a", { wait: { max: "-1s" } }) },
  "a negative time to become healthy": {
    rule: "out-of-range",
    job: job({}, {}, { csiPlugin: { id: "a", type: "node", healthTimeout: "-1s" } }),
  },
  "a misspelt property": { rule: "unknown-property", job: job({}, wrong({ nework: { ports: {} } })) },
  "a misspelt property of a driver": { rule: "unknown-property", job: docker({ imagePullTimout: "5m" }) },
  "only helpers": { rule: "no-main-task", job: job({}, {}, { lifecycle: { hook: "prestart" } }) },
  "a template with text and a source": {
    rule: "ambiguous-template",
    job: template("a", { source: "local/a.tpl" }),
  },
  "a set of alternatives": {
    rule: "set-contains",
    job: constrained({ operator: "set_contains", value: "h100,a100" }),
  },
  "versions as text": {
    rule: "text-comparison",
    job: constrained({ attribute: "${attr.nomad.version}", operator: ">", value: "1.9.0" }),
  },
  "a count of GPUs": {
    rule: "unknown-attribute",
    job: constrained({ attribute: "${attr.nvidia.gpu.count}", operator: ">=", value: "4" }),
  },
  "a misspelt attribute": {
    rule: "unknown-attribute",
    job: constrained({ attribute: "${attr.memory.total}" }),
  },
  "a region as a wish": {
    rule: "unknown-attribute",
    job: job({ affinities: [{ attribute: "${node.region}" as never, value: "a" }] }),
  },
  "the name of the node": { rule: "runtime-variable", job: env({ NODE: "${NOMAD_NODE_NAME}" }) },
  "a port that the group lacks": { rule: "runtime-variable", job: docker({ args: ["--port=${NOMAD_PORT_http}"] }) },
  "a port with its dash": {
    rule: "runtime-variable",
    job: job({}, { network: { ports: { "a-b": {} } } }, { env: { PORT: "${NOMAD_PORT_a-b}" } }),
  },
  "a port in a template": { rule: "runtime-variable", job: template('{{ env "NOMAD_PORT_http" }}') },
  "meta that nobody has": { rule: "runtime-variable", job: env({ TEAM: "${NOMAD_META_team}" }) },
  "a GPU by hand": { rule: "gpu-by-hand", job: docker({ devices: [{ hostPath: "/dev/nvidia0" }] }) },
  "a GPU as a volume": { rule: "gpu-by-hand", job: docker({ volumes: ["/dev/nvidiactl:/dev/nvidiactl"] }) },
  "all GPUs": { rule: "gpu-visible-devices", job: env({ NVIDIA_VISIBLE_DEVICES: "all" }) },
  "the GPU runtime without a GPU": { rule: "gpu-without-device", job: docker({ runtime: "nvidia" }) },
  "a rank as the size of the world": { rule: "world-size", job: env({ WORLD_SIZE: "${NOMAD_ALLOC_INDEX}" }) },
  "a world of another size": { rule: "world-size", job: env({ WORLD_SIZE: "4" }, { count: 3 }) },
  "one rank for all": { rule: "same-rank", job: env({ RANK: "0" }, { count: 2 }) },
  "every worker its own master": {
    rule: "own-master",
    job: env({ MASTER_ADDR: "${attr.unique.network.ip-address}" }),
  },
  "a fixed port of rendezvous": {
    rule: "static-rendezvous",
    job: env({ MASTER_PORT: "29500" }, ports({ static: 29_500 })),
  },
  "models by name": { rule: "ollama-models", job: env({ OLLAMA_MODELS: "llama3.2:3b,qwen2.5:7b" }) },
  "a router without workers": {
    rule: "router-without-workers",
    job: docker({ command: "python3", args: ["-m", "sglang_router.launch_router"] }),
  },
  "a router with a GPU": {
    rule: "router-gpu",
    job: docker({ args: ["-m", "sglang_router.launch_router", "--worker-urls", "http://a"] }, gpu),
  },
  "a database on a shared volume": {
    rule: "shared-database",
    job: docker(
      { image: "surrealdb/surrealdb:v2.1" },
      { volumeMounts: [{ volume: "data", destination: "/data" }] },
      {
        volumes: {
          data: {
            type: "csi",
            source: "nfs",
            accessMode: "multi-node-multi-writer",
            attachmentMode: "file-system",
          },
        },
      },
    ),
  },
  "a canary that waits for the volume of the one before": {
    rule: "volume-claim",
    job: job({}, { update: { canary: 1 }, volumes: { data: claim({ accessMode: "single-node-writer" }) } }),
  },
  "a reader that keeps writers of the job away": {
    rule: "volume-claim",
    job: job({
      groups: {
        reader: {
          tasks: { web: task },
          volumes: { data: claim({ accessMode: "multi-node-reader-only", readOnly: true }) },
        },
        writer: { tasks: { web: task }, volumes: { data: claim({}) } },
      },
    }),
  },
  "a volume in a task without a file system": {
    rule: "driver-without-mounts",
    job: job(
      { allow: [{ rule: "raw-exec", reason: "a test" }] },
      { volumes: { data: { type: "host", source: "data" } } },
      wrong({
        driver: "raw_exec",
        config: { command: "/bin/true" },
        volumeMounts: [{ volume: "data", destination: "/data" }],
      }),
    ),
  },
  "a database on a share": {
    rule: "database-on-nfs",
    job: onShare({ image: "surrealdb/surrealdb:v2.3.10", args: ["start", "rocksdb:/data/db"] }),
  },
  "a database that is no container, on a share": {
    rule: "database-on-nfs",
    job: onShare({ command: "/usr/bin/postgres", args: ["-D", "/x"] }, "exec", "/var/lib/postgresql/data"),
  },
  "a bound that the scheduler ignores": {
    rule: "memory-oversubscription",
    job: job({ nodePool: "gpu" }, {}, { resources: { memory: "1GiB", memoryMax: "2GiB" } }),
  },
  "a secret block on an old Nomad": {
    rule: "nomad-version",
    job: job({}, {}, { secrets: { a: { provider: "nomad", path: "nomad/jobs/web" } } }),
    nomad: { nomad: "1.10.5" },
  },
  "no bound of memory on an old Nomad": {
    rule: "nomad-version",
    job: job({}, {}, { resources: { memoryMax: "unlimited" } }),
    nomad: { nomad: "1.11.1" },
  },
  "canaries of a system job on an old Nomad": {
    rule: "nomad-version",
    job: job({ type: "system", update: { canary: 20 } }),
    nomad: { nomad: "1.10.5" },
  },
  "an access mode of a host volume on an old Nomad": {
    rule: "nomad-version",
    job: job({}, { volumes: { a: { type: "host", source: "a", accessMode: "single-node-writer" } } }),
    nomad: { nomad: "1.9.0" },
  },
  "an IPv6 address on an old Nomad": {
    rule: "nomad-version",
    job: serving({ name: "web", port: "http", addressMode: "alloc_ipv6" }),
    nomad: { nomad: "1.10.3" },
  },
  "a check of an IPv6 address on an old Nomad": {
    rule: "nomad-version",
    job: checked({ addressMode: "alloc_ipv6" }),
    nomad: { nomad: "1.10.3" },
  },
  "a check that trusts any certificate on an old Nomad": {
    rule: "nomad-version",
    job: checked({ type: "http", path: "/", protocol: "https", tlsSkipVerify: true }),
    nomad: { nomad: "1.9.5" },
  },
  "a group that does without a machine out of contact": {
    rule: "edge-disconnect",
    job: job({ region: "south", nodePool: "edge" }),
    isPlaced: true,
  },
  "two of one port on one machine": {
    rule: "port-on-two-addresses",
    job: job(
      { region: "north", nodePool: "gpu", allow: [{ rule: "fixed-port", reason: "it is another rule's job" }] },
      { count: 2, shutdownDelay: "1s", ...ports({ static: 8000 }), services: [{ name: "vllm", port: "http" }] },
    ),
    isPlaced: true,
  },
  "two that fit one by one": {
    rule: "no-room-together",
    job: job({ region: "north", nodePool: "gpu", groups: { a: half, b: half } }),
    isPlaced: true,
  },
  "a namespace of Vault": {
    rule: "enterprise-only",
    job: job({}, {}, { vault: { namespace: "team" } }),
  },
  "another cluster of Consul": { rule: "enterprise-only", job: job({}, { consul: { cluster: "other" } }) },
};
