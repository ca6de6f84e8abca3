import type { Gateway, IngressListener } from "../../../constructs/jobspec/gateway";
import type { Job } from "../../../constructs/jobspec/job";
import { each, type Parts, small } from "./build";

/** A group whose service is a gateway; Nomad adds the proxy's task, and one more must be there. */
function gate(gateway: Gateway, mode: "bridge" | "host" = "bridge"): Parts {
  return {
    group: {
      shutdownDelay: "5s",
      network: { mode, ports: { inbound: { static: 8443 } } },
      services: [{ provider: "consul", name: "gate", port: "inbound", connect: { gateway } }],
    },
  };
}

const http: IngressListener = { port: 8080, protocol: "http", services: [{ name: "*" }] };

export const gatewayJobs: readonly Job[] = [
  small(
    "gateway-ingress",
    gate({
      proxy: {
        connectTimeout: "7s",
        envoyGatewayBindTaggedAddresses: true,
        envoyGatewayBindAddresses: {
          lan: { address: "10.0.0.7", port: 8443 },
          all: { address: "0.0.0.0", port: 8444 },
        },
        envoyGatewayNoDefaultBind: true,
        envoyDnsDiscoveryType: "LOGICAL_DNS",
        config: { envoy_extra_static_clusters_json: '{"name": "x"}', count: 3 },
      },
      ingress: {
        tls: {
          enabled: true,
          tlsMinVersion: "TLSv1_2",
          tlsMaxVersion: "TLSv1_3",
          cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
          sds: { clusterName: "sds", certResource: "web.example.com" },
        },
        listeners: [
          {
            port: 8443,
            protocol: "http",
            services: [
              {
                name: "web",
                hosts: ["web.example.com", "web.example.com:8443"],
                tls: { sds: { clusterName: "sds", certResource: "web.example.com" } },
                requestHeaders: {
                  add: { "x-gate": "yes" },
                  set: { "x-host": "%DOWNSTREAM_REMOTE_ADDRESS%" },
                  remove: ["x-old"],
                },
                responseHeaders: { add: { "x-a": "1" }, set: { "x-b": "2" }, remove: ["server"] },
                maxConnections: 512,
                maxPendingRequests: 128,
                maxConcurrentRequests: 256,
              },
            ],
          },
          { port: 5432, protocol: "tcp", services: [{ name: "db" }] },
        ],
      },
    }),
  ),
  ...each("gateway-protocol", ["tcp", "http", "http2", "grpc"], (protocol) =>
    gate({
      ingress: {
        listeners: [
          {
            port: 8080,
            protocol,
            services: [{ name: "web", ...(protocol === "tcp" ? {} : { hosts: ["web.example.com"] }) }],
          },
        ],
      },
    }),
  ),
  ...each("gateway-dns", ["STRICT_DNS", "LOGICAL_DNS"], (envoyDnsDiscoveryType) =>
    gate({ proxy: { envoyDnsDiscoveryType }, ingress: { listeners: [http] } }, "host"),
  ),
  small(
    "gateway-limits-zero",
    gate({
      ingress: {
        listeners: [{ port: 8080, protocol: "http", services: [{ name: "web", hosts: ["a"], maxConnections: 0 }] }],
      },
    }),
  ),
  small(
    "gateway-terminating",
    gate({
      terminating: {
        services: [
          {
            name: "legacy",
            caFile: "/etc/ca.pem",
            certFile: "/etc/cert.pem",
            keyFile: "/etc/key.pem",
            sni: "legacy.example.com",
          },
          { name: "plain" },
        ],
      },
    }),
  ),
  small(
    "gateway-terminating-proxy",
    gate({ proxy: { connectTimeout: "500ms" }, terminating: { services: [{ name: "a" }] } }, "host"),
  ),
  small("gateway-mesh", gate({ mesh: {} })),
  small("gateway-mesh-proxy", gate({ proxy: {}, mesh: {} })),
];
