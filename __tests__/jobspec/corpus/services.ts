import type { Check, OnUpdate } from "../../../constructs/jobspec/check";
import type { Job } from "../../../constructs/jobspec/job";
import type { Service } from "../../../constructs/jobspec/service";
import { each, type Parts, small } from "./build";

/** A group with a port and services. */
function served(...services: readonly Service[]): Parts {
  return { group: { shutdownDelay: "5s", network: { ports: { http: {}, admin: { static: 9901 } } }, services } };
}

/** A group with one service in Consul that has checks. */
function checked(...checks: readonly Check[]): Parts {
  return served({ provider: "consul", name: "web", port: "http", checks });
}

/** A check that is ignored cannot restart. */
function restarts(onUpdate: OnUpdate): Pick<Check, "checkRestart"> {
  return onUpdate === "ignore" ? {} : { checkRestart: { limit: 1, ignoreWarnings: onUpdate === "ignore_warnings" } };
}

const every = { interval: "10s", timeout: "2s" } as const;

const nomadServices: readonly Job[] = [
  small("service-nomad", served({ provider: "nomad", name: "web", port: "http", tags: ["a", "b=c", "${NOMAD_DC}"] })),
  small("service-default-name", served({ port: "http" })),
  small("service-no-port", served({ name: "beacon" })),
  small("service-canary-tags", served({ name: "web", port: "http", tags: ["live"], canaryTags: ["canary", "next"] })),
  small("service-address", served({ name: "web", port: "http", addressMode: "auto", address: "web.tail.example" })),
  small("service-port-number", served({ name: "web", port: "8080", address: "10.0.0.7" })),
  small("service-of-task", served({ name: "web", port: "http", task: "main" })),
  ...each("service-address-mode", ["auto", "host"], (addressMode) =>
    served({ name: "web", port: "http", addressMode }),
  ),
  small("service-address-driver", {
    group: { shutdownDelay: "5s" },
    task: { services: [{ name: "web", port: "8080", addressMode: "driver" }] },
  }),
  small("service-address-alloc", {
    group: {
      shutdownDelay: "5s",
      network: { mode: "bridge", ports: { http: { to: 80 } } },
      services: [{ name: "web", port: "http", addressMode: "alloc" }],
    },
  }),
  small("service-address-alloc-ipv6", {
    group: {
      shutdownDelay: "5s",
      network: { mode: "bridge", ports: { http: { to: 80 } } },
      services: [
        {
          name: "web",
          port: "http",
          addressMode: "alloc_ipv6",
          checks: [
            { type: "http", path: "/", protocol: "https", tlsSkipVerify: true, addressMode: "alloc_ipv6", ...every },
          ],
        },
      ],
    },
  }),
  small("service-in-task", {
    group: { shutdownDelay: "5s", network: { ports: { http: {} } } },
    task: { services: [{ name: "main-${NOMAD_ALLOC_INDEX}", port: "http", tags: ["t"] }] },
  }),
  small(
    "service-three",
    served({ name: "a", port: "http" }, { name: "b", port: "admin" }, { name: "a", port: "admin" }),
  ),
  small("service-interpolated", served({ name: "${NOMAD_JOB_NAME}-${NOMAD_GROUP_NAME}", port: "http" })),
  small(
    "service-check-restart",
    served({
      name: "web",
      port: "http",
      checkRestart: { limit: 3, grace: "1m30s", ignoreWarnings: false },
      checks: [{ type: "tcp", ...every }],
    }),
  ),
  small(
    "service-ignore",
    served({ name: "web", port: "http", onUpdate: "ignore", checks: [{ type: "tcp", ...every }] }),
  ),
  small(
    "check-nomad-http",
    served({
      name: "web",
      port: "http",
      checks: [
        {
          type: "http",
          name: "alive",
          path: "/v1/health?deep=1",
          method: "POST",
          protocol: "https",
          header: { "X-Check": ["1", "two"], Host: ["web.internal"] },
          body: '{"ping": "${NOMAD_ALLOC_ID}"}',
          interval: "30s",
          timeout: "5s",
          initialStatus: "passing",
          checkRestart: { limit: 2, grace: "30s" },
        },
        { type: "tcp", port: "admin", interval: "1m", timeout: "1s", onUpdate: "ignore", addressMode: "host" },
      ],
    }),
  ),
  small(
    "check-task",
    served({ name: "web", port: "http", task: "main", checks: [{ type: "tcp", task: "main", ...every }] }),
  ),
];

const consulServices: readonly Job[] = [
  small(
    "consul-service",
    served({
      provider: "consul",
      name: "web",
      port: "http",
      tags: ["a"],
      canaryTags: ["b"],
      meta: { version: "1", "odd-key": "x" },
      canaryMeta: { version: "2" },
      taggedAddresses: { lan: "10.0.0.7", wan: "203.0.113.7:8080" },
      enableTagOverride: true,
      weights: { passing: 10, warning: 1 },
    }),
  ),
  ...each("consul-on-update", ["require_healthy", "ignore_warnings", "ignore"], (onUpdate) =>
    served({
      provider: "consul",
      name: "web",
      port: "http",
      onUpdate,
      checks: [{ type: "tcp", onUpdate, ...every, ...restarts(onUpdate) }],
    }),
  ),
  ...each("consul-kind", ["api-gateway", "ingress-gateway", "mesh-gateway", "terminating-gateway"], (kind) =>
    served({ provider: "consul", name: "gate", port: "http", kind }),
  ),
  small(
    "consul-identity",
    served({
      provider: "consul",
      name: "web",
      port: "http",
      identity: { aud: ["consul.example"], ttl: "30m" },
    }),
  ),
  small("consul-weights-passing", served({ provider: "consul", name: "web", port: "http", weights: { passing: 3 } })),
];

const consulChecks: readonly Job[] = [
  small(
    "check-http",
    checked({
      type: "http",
      path: "/",
      ...every,
      tlsSkipVerify: true,
      tlsServerName: "web.example.com",
      protocol: "https",
      successBeforePassing: 2,
      failuresBeforeCritical: 3,
      failuresBeforeWarning: 1,
      notes: "asks the front page\nand nothing else",
      advertise: "198.51.100.7",
      addressMode: "host",
    }),
  ),
  small("check-http-plain", checked({ type: "http", path: "/", protocol: "http", ...every })),
  small("check-tcp", checked({ type: "tcp", ...every, successBeforePassing: 1, failuresBeforeCritical: 2 })),
  small("check-grpc", {
    ...checked({
      type: "grpc",
      ...every,
      grpcService: "web.Health",
      grpcUseTls: true,
      tlsSkipVerify: true,
      task: "main",
    }),
  }),
  small(
    "check-script",
    checked({
      type: "script",
      name: "disk",
      command: "/bin/sh",
      args: ["-c", 'test "$(df --output=pcent /data | tail -1)" != "100%" && echo ${NOMAD_TASK_NAME}'],
      task: "main",
      ...every,
    }),
  ),
  ...each("check-initial", ["passing", "warning", "critical"], (initialStatus) =>
    checked({ type: "tcp", initialStatus, ...every }),
  ),
  ...each("check-on-update", ["require_healthy", "ignore_warnings", "ignore"], (onUpdate) =>
    checked({
      type: "script",
      command: "/bin/true",
      task: "main",
      onUpdate,
      ...every,
      ...restarts(onUpdate),
    }),
  ),
  small("check-alloc", {
    group: {
      shutdownDelay: "1s",
      network: { mode: "bridge", ports: { http: { to: 80 } } },
      services: [
        { provider: "consul", name: "web", port: "http", checks: [{ type: "tcp", addressMode: "alloc", ...every }] },
      ],
    },
  }),
  small("check-driver", {
    group: { shutdownDelay: "1s" },
    task: {
      services: [
        {
          provider: "consul",
          name: "web",
          port: "8080",
          addressMode: "driver",
          checks: [{ type: "http", path: "/", port: "8081", addressMode: "driver", ...every }],
        },
      ],
    },
  }),
];

export const serviceJobs: readonly Job[] = [...nomadServices, ...consulServices, ...consulChecks];
