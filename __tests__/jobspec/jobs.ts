import type { Job } from "../../constructs/jobspec/job";

const digest = "sha256:0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7";

/** A service with a check, volumes and a template: most of what a job can say. */
export const service: Job = {
  id: "web",
  region: "east",
  nodePool: "general",
  priority: 60,
  meta: { team: "platform" },
  constraints: [{ attribute: "${attr.kernel.name}", value: "linux" }],
  affinities: [{ attribute: "${meta.rack}", value: "r1", weight: 30 }],
  spreads: [{ attribute: "${node.unique.name}", weight: 80, targets: { a: 60, b: 40 } }],
  update: { maxParallel: 1, minHealthyTime: "15s", healthyDeadline: "3m", progressDeadline: "10m", autoRevert: true },
  groups: {
    web: {
      count: 2,
      shutdownDelay: "5s",
      network: {
        mode: "bridge",
        dns: { servers: ["100.100.100.100"] },
        ports: {
          http: { static: 8080, to: 80 },
          metrics: { to: 9100 },
          "admin-api": { static: 8081, hostNetwork: "lan" },
        },
      },
      volumes: { data: { type: "host", source: "web-data", readOnly: true } },
      ephemeralDisk: { size: "500MiB", sticky: true },
      restart: { attempts: 3, interval: "10m", delay: "10s", mode: "delay" },
      reschedule: { delay: "30s", delayFunction: "exponential", maxDelay: "10m", unlimited: true },
      migrate: { maxParallel: 1, minHealthyTime: "10s" },
      disconnect: { lostAfter: "1h", replace: false, reconcile: "longest_running" },
      constraints: [{ operator: "distinct_hosts" }],
      services: [
        {
          name: "web",
          port: "http",
          tags: ["public"],
          checks: [
            {
              type: "http",
              path: "/health",
              interval: "10s",
              timeout: "2s",
              header: { "X-Check": ["1"] },
              checkRestart: { limit: 3, grace: "90s" },
            },
            { type: "tcp", port: "metrics", interval: "1m30s", timeout: "1.5s" },
          ],
        },
      ],
      tasks: {
        nginx: {
          driver: "docker",
          config: {
            image: `docker.io/library/nginx@${digest}`,
            args: ["-g", "daemon off;"],
            ports: ["http", "metrics"],
            labels: { "com.example.team": "platform" },
            ulimit: { nofile: "2048:4096" },
            mounts: [{ type: "bind", source: "local/nginx.conf", target: "/etc/nginx/nginx.conf", readonly: true }],
            capDrop: ["ALL"],
            shmSize: "128MiB",
            extra: { cpu_hard_limit: true },
          },
          env: { GREETING: 'a "quoted" ${NOMAD_ALLOC_ID} %{text}\nwith \\ lines', ZONE: "east" },
          killTimeout: "20s",
          killSignal: "SIGQUIT",
          resources: { cpu: "200MHz", memory: "256MiB", memoryMax: "512MiB" },
          templates: [
            {
              data: "user nginx;\nevents {}\n",
              destination: "local/nginx.conf",
              changeMode: "signal",
              changeSignal: "SIGHUP",
              splay: "10s",
              wait: { min: "5s", max: "1m" },
            },
            {
              data: "KEY={{ with nomadVar `nomad/jobs/web` }}{{ .key }}{{ end }}",
              destination: "secrets/env",
              env: true,
            },
          ],
          artifacts: [
            { source: "https://example.com/site.tar.gz", destination: "local/site", options: { checksum: digest } },
          ],
          volumeMounts: [{ volume: "data", destination: "/srv", readOnly: true }],
          identities: [{ env: true }, { name: "vault_default", aud: ["vault.io"], ttl: "1h", file: true }],
          logs: { maxFiles: 3, maxFileSize: "5MiB" },
        },
        seed: {
          driver: "exec",
          config: { command: "/bin/sh", args: ["-c", "echo hello > ${NOMAD_ALLOC_DIR}/seed"] },
          lifecycle: { hook: "prestart" },
        },
      },
    },
  },
};

/** A periodic batch job on a GPU. */
export const batch: Job = {
  id: "train-nightly",
  type: "batch",
  nodePool: "gpu",
  periodic: { crons: ["0 3 * * *", "@weekly"], timeZone: "Europe/Berlin", prohibitOverlap: true },
  groups: {
    train: {
      restart: { attempts: 0, mode: "fail" },
      tasks: {
        train: {
          driver: "docker",
          config: { image: "registry.example.com:5000/team/train:1.4.2", command: "train" },
          resources: {
            cores: 4,
            memory: "16384MiB",
            devices: [
              {
                name: "nvidia/gpu",
                count: 2,
                constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "40 GiB" }],
                affinities: [{ attribute: "${device.model}", operator: "regexp", value: "H100", weight: 75 }],
              },
            ],
          },
        },
      },
    },
  },
};

/** A system job with every driver that is typed, and one that is not. */
export const system: Job = {
  id: "agents",
  name: "Agents",
  type: "system",
  allow: [{ rule: "raw-exec", path: "groups.agents.tasks.raw", reason: "every driver is to be seen" }],
  groups: {
    agents: {
      tasks: {
        raw: { driver: "raw_exec", config: { command: "/usr/local/bin/agent", args: ["--once"] } },
        jar: { driver: "java", config: { jarPath: "local/app.jar", jvmOptions: ["-Xmx64m"] } },
        vm: { driver: "qemu", config: { imagePath: "local/linux.img", portMap: { ssh: 22 }, accelerator: "kvm" } },
        pod: { driver: "podman", config: { image: "docker://busybox:1.36", networkMode: "host" } },
      },
    },
  },
};

/** A job that is dispatched. */
export const parameterized: Job = {
  id: "convert",
  type: "batch",
  parameterized: { payload: "required", metaRequired: ["input"], metaOptional: ["format"] },
  groups: { convert: { tasks: { convert: { driver: "exec", config: { command: "/bin/true" } } } } },
};

export const consul: Job = {
  id: "consul-web",
  groups: {
    web: {
      shutdownDelay: "1s",
      network: { ports: { http: {} } },
      services: [
        {
          provider: "consul",
          name: "web",
          port: "http",
          meta: { version: "1" },
          checks: [
            { type: "grpc", interval: "10s", timeout: "2s", grpcService: "web", grpcUseTls: true, task: "web" },
            {
              type: "script",
              command: "/bin/true",
              interval: "10s",
              timeout: "2s",
              task: "web",
            },
          ],
        },
      ],
      tasks: { web: { driver: "exec", config: { command: "/bin/sleep", args: ["infinity"] } } },
    },
  },
};

export const jobs = { service, batch, system, parameterized, consul };
