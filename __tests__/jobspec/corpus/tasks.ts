import type { Job } from "../../../constructs/jobspec/job";
import type { Template } from "../../../constructs/jobspec/template";
import { batch, container, each, type Parts, small, task } from "./build";

const rendering = (...templates: readonly Template[]): Parts => ({ task: { templates } });

const templates: readonly Job[] = [
  small(
    "template-all",
    rendering({
      data: "key = {{ key `app` }}\n",
      destination: "local/app.conf",
      changeMode: "restart",
      once: true,
      splay: "10s",
      perms: "0600",
      uid: 1000,
      gid: 0,
      leftDelimiter: "[[",
      rightDelimiter: "]]",
      errorOnMissingKey: true,
      env: false,
      wait: { min: "5s", max: "1m" },
    }),
  ),
  small(
    "template-source",
    rendering({ source: "local/app.conf.tpl", destination: "local/app.conf", changeMode: "noop" }),
  ),
  small(
    "template-env",
    rendering({
      data: "KEY={{ with nomadVar `nomad/jobs/web` }}{{ .key }}{{ end }}",
      destination: "${NOMAD_SECRETS_DIR}/env",
      env: true,
    }),
  ),
  small(
    "template-signal",
    rendering({ data: "x", destination: "local/x", changeMode: "signal", changeSignal: "SIGHUP" }),
  ),
  small(
    "template-script",
    rendering({
      data: "x",
      destination: "local/x",
      changeMode: "script",
      changeScript: { command: "/bin/sh", args: ["-c", "kill -HUP 1"], timeout: "20s", failOnError: true },
      env: false,
    }),
  ),
  small(
    "template-script-plain",
    rendering({
      data: "x",
      destination: "local/x",
      changeMode: "script",
      changeScript: { command: "/bin/true", failOnError: false },
    }),
  ),
  small(
    "template-several",
    rendering(
      { data: "a", destination: "local/a" },
      { data: "b", destination: "local/b", uid: 0, gid: 1000, splay: "0s" },
      { data: " ", destination: "secrets/blank", wait: { min: "0s" } },
      { data: "c", destination: "local/c", wait: { max: "2m" }, errorOnMissingKey: false, once: false },
    ),
  ),
];

const artifacts: readonly Job[] = [
  small("artifact", { task: { artifacts: [{ source: "https://example.com/site.tar.gz" }] } }),
  small("artifact-all", {
    task: {
      artifacts: [
        {
          source: "https://example.com/model.gguf?archive=false",
          destination: "local/models/${NOMAD_JOB_ID}/model.gguf",
          mode: "file",
          options: { checksum: `sha256:${"0e1f2a3b4c5d6e7f".repeat(4)}`, "odd-key": "x" },
          headers: { "User-Agent": "nomad [${NOMAD_JOB_ID}]", Accept: "*/*" },
          insecure: true,
          chown: true,
        },
      ],
    },
  }),
  ...each("artifact-mode", ["any", "file", "dir"], (mode) => ({
    task: {
      artifacts: [{ source: "git::git@github.com:example/app", destination: "local/app", mode, insecure: false }],
    },
  })),
  small("artifact-s3", {
    task: {
      artifacts: [
        {
          source: "s3::https://s3-eu-west-1.amazonaws.com/models/llm.tar.zst",
          destination: "${NOMAD_ALLOC_DIR}/llm",
          options: { region: "eu-west-1" },
        },
        { source: "https://example.com/b", destination: "local/b" },
      ],
    },
  }),
];

const lifecycles: readonly Job[] = [
  ...(["prestart", "poststart", "poststop"] as const).map((hook) =>
    small(`lifecycle-${hook}`, { others: { helper: task({ lifecycle: { hook, sidecar: false } }) } }),
  ),
  small("lifecycle-sidecars", {
    others: {
      log: task({ lifecycle: { hook: "prestart", sidecar: true } }),
      late: task({ lifecycle: { hook: "poststart", sidecar: true } }),
      clean: task({ lifecycle: { hook: "poststop" } }),
    },
  }),
  small("leader", { task: { leader: true }, others: { follower: task({ leader: false }) } }),
];

const options: readonly Job[] = [
  small("task-options", {
    task: {
      user: "nobody",
      env: { GREETING: "hello", EMPTY: "", "WITH.DOT": "1", "with-dash": "2" },
      meta: { team: "platform", "dotted.key": "x" },
      killTimeout: "20s",
      killSignal: "SIGQUIT",
      shutdownDelay: "3s",
    },
  }),
  small("task-kill-at-once", { task: { killTimeout: "0s", shutdownDelay: "0s" } }),
  small("task-kill-slowly", { task: { killTimeout: "1h30m" }, group: { update: { progressDeadline: "2h" } } }),
  batch("task-kill-batch", { task: { killTimeout: "90m" } }),
  small("task-kind", { task: { kind: "custom-kind" } }),
  small("resources", {
    group: { ephemeralDisk: { size: "1GiB" } },
    task: { resources: { cpu: "1.5GHz", memory: "512MiB", memoryMax: "2GiB", secrets: "4MiB" } },
  }),
  small("resources-cores", { task: { resources: { cores: 4, memory: "1TiB" } } }),
  small("resources-unlimited", { task: { resources: { memory: "64MiB", memoryMax: "unlimited" } } }),
  small("resources-least", { task: { resources: { cpu: "1MHz", memory: "10MiB" } } }),
  small("logs", { task: { logs: { maxFiles: 3, maxFileSize: "5MiB", disabled: false } } }),
  small("logs-off", { task: { logs: { disabled: true } } }),
  small("actions", {
    driver: container,
    task: {
      actions: {
        reload: { command: "/bin/kill", args: ["-HUP", "1"] },
        "show-env": { command: "/usr/bin/env" },
        echo: { command: "/bin/echo", args: ["${NOMAD_TASK_NAME}", 'a "b"', "line\nline"] },
      },
    },
  }),
  small("two-groups-of-tasks", {
    task: { resources: { cpu: "200MHz" } },
    others: { second: task({ resources: { cpu: "300MHz" } }), third: { ...container } },
  }),
];

export const taskJobs: readonly Job[] = [...templates, ...artifacts, ...lifecycles, ...options];
