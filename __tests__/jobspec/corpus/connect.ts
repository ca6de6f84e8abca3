import type { Connect } from "../../../constructs/jobspec/connect";
import type { Job } from "../../../constructs/jobspec/job";
import { container, each, type Parts, small } from "./build";

/** A member of the mesh: a bridge network and one service in Consul. */
function member(connect: Connect, more: Parts = {}): Parts {
  return {
    driver: container,
    ...more,
    group: {
      shutdownDelay: "5s",
      network: { mode: "bridge", ports: { http: { to: 8080 }, expose: { to: -1 }, admin: { static: 9901 } } },
      services: [{ provider: "consul", name: "api", port: "8080", connect }],
      ...more.group,
    },
  };
}

const sidecars: readonly Job[] = [
  small("connect-sidecar", member({ sidecarService: {} })),
  small(
    "connect-sidecar-service",
    member({
      native: false,
      sidecarService: {
        tags: ["proxy", "v1"],
        port: "expose",
        disableDefaultTcpCheck: true,
        meta: { team: "platform" },
        proxy: {
          localServiceAddress: "127.0.0.2",
          localServicePort: 8080,
          config: { envoy_prometheus_bind_addr: "0.0.0.0:9102", max_inbound_connections: 100, tracing: true },
        },
      },
    }),
  ),
  small("connect-empty-proxy", member({ sidecarService: { proxy: {} } })),
  small(
    "connect-expose",
    member({
      sidecarService: {
        proxy: {
          expose: {
            paths: [
              { path: "/healthz", protocol: "http", localPathPort: 8080, listenerPort: "expose" },
              { path: "/metrics", protocol: "http2", localPathPort: 9102, listenerPort: "expose" },
              { path: "/plain", localPathPort: 9103, listenerPort: "expose" },
            ],
          },
        },
      },
    }),
  ),
  small(
    "connect-expose-check",
    member(
      { sidecarService: {} },
      {
        group: {
          services: [
            {
              provider: "consul",
              name: "api",
              port: "8080",
              connect: { sidecarService: {} },
              checks: [
                { type: "http", path: "/healthz", expose: true, interval: "10s", timeout: "2s", port: "expose" },
                { type: "grpc", expose: true, grpcService: "api", interval: "10s", timeout: "2s", port: "expose" },
              ],
            },
          ],
        },
      },
    ),
  ),
  small(
    "connect-upstreams",
    member({
      sidecarService: {
        proxy: {
          upstreams: [
            { destinationName: "db", localBindPort: 5432 },
            {
              destinationName: "cache",
              localBindPort: 6379,
              localBindAddress: "127.0.0.1",
              datacenter: "east",
              destinationType: "service",
              meshGateway: { mode: "local" },
              config: { connect_timeout_ms: 3000, limits: [{ max_connections: 3 }] },
            },
            { destinationName: "nearest", destinationType: "prepared_query", localBindPort: 7000 },
            { destinationName: "far", destinationPeer: "west", localBindPort: 7001 },
            {
              destinationName: "socket",
              localBindSocketPath: "${NOMAD_ALLOC_DIR}/db.sock",
              localBindSocketMode: "0600",
            },
          ],
        },
      },
    }),
  ),
  small(
    "connect-upstream-enterprise-consul",
    member({
      sidecarService: {
        proxy: {
          upstreams: [
            { destinationName: "a", destinationNamespace: "team", destinationPartition: "ai", localBindPort: 7002 },
          ],
        },
      },
    }),
  ),
  ...each("connect-mesh-gateway", ["none", "local", "remote"], (mode) =>
    member({
      sidecarService: { proxy: { upstreams: [{ destinationName: "db", localBindPort: 5432, meshGateway: { mode } }] } },
    }),
  ),
  small("connect-transparent", member({ sidecarService: { proxy: { transparentProxy: {} } } })),
  small(
    "connect-transparent-all",
    member({
      sidecarService: {
        proxy: {
          transparentProxy: {
            uid: "102",
            outboundPort: 15_002,
            excludeInboundPorts: ["admin", "9100"],
            excludeOutboundPorts: [53, 443],
            excludeOutboundCidrs: ["10.0.0.0/8", "fd00::/8"],
            excludeUids: ["0", "1000"],
            noDns: true,
          },
        },
      },
    }),
  ),
  small(
    "connect-native",
    member(
      { native: true },
      {
        group: {
          shutdownDelay: "5s",
          network: { ports: { http: {} } },
          services: [{ provider: "consul", name: "api", port: "http", task: "main", connect: { native: true } }],
        },
      },
    ),
  ),
  small("connect-cni", member({ sidecarService: {} }, { group: { network: { mode: "cni/mesh" } } })),
];

const sidecarTasks: readonly Job[] = [
  small(
    "connect-sidecar-task",
    member(
      {
        sidecarService: {},
        sidecarTask: {
          name: "envoy",
          driver: "docker",
          user: "101",
          config: {
            image: "docker.io/envoyproxy/envoy:v1.31.0",
            args: ["-c", "${NOMAD_SECRETS_DIR}/envoy_bootstrap.json", "-l", "${meta.connect.log_level}"],
            labels: [{ team: "platform" }],
          },
          env: { EDITOR: "none" },
          resources: { cpu: "500MHz", memory: "256MiB", memoryMax: "512MiB" },
          meta: { sidecar_image: "custom" },
          logs: { maxFiles: 3, maxFileSize: "4MiB" },
          killTimeout: "10s",
          shutdownDelay: "2s",
          killSignal: "SIGTERM",
          volumeMounts: [{ volume: "certs", destination: "/certs", readOnly: true }],
          identities: [{ name: "mesh", aud: ["mesh.example"], file: true, ttl: "1h" }],
        },
      },
      { group: { volumes: { certs: { type: "host", source: "certs", readOnly: true } } } },
    ),
  ),
  small(
    "connect-sidecar-task-small",
    member({
      sidecarService: {},
      sidecarTask: { resources: { memory: "64MiB" }, killTimeout: "0s" },
    }),
  ),
];

export const connectJobs: readonly Job[] = [...sidecars, ...sidecarTasks];
