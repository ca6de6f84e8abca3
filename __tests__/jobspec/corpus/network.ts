import type { Job } from "../../../constructs/jobspec/job";
import { container, each, small } from "./build";

export const networkJobs: readonly Job[] = [
  small("network-ports", {
    group: {
      network: {
        ports: {
          http: {},
          "admin-api": { static: 8081 },
          metrics: { to: 9100 },
          same: { to: -1 },
          both: { static: 8443, to: 443 },
          lan: { hostNetwork: "lan" },
          lan_static: { static: 8443, hostNetwork: "lan" },
          shared: { static: 9000, ignoreCollision: true },
          zero: { static: 0, to: 0 },
        },
      },
    },
  }),
  ...each("network-mode", ["host", "none"], (mode) => ({ group: { network: { mode } } })),
  small("network-bridge", {
    driver: container,
    group: { network: { mode: "bridge", hostname: "app.internal", ports: { http: { to: 8080 } } } },
  }),
  small("network-bridge-plain", { driver: container, group: { network: { mode: "bridge" } } }),
  small("network-cni", {
    driver: container,
    group: {
      network: {
        mode: "cni/macvlan",
        hostname: "node-${NOMAD_ALLOC_INDEX}",
        cni: { args: { "app.kubernetes.io/name": "a b", IgnoreUnknown: "true", quoted: 'say "${NOMAD_TASK_NAME}"' } },
      },
    },
  }),
  small("network-dns", {
    group: {
      network: {
        dns: {
          servers: ["100.100.100.100", "fd7a:115c::53"],
          searches: ["tail.example", "lan"],
          options: ["ndots:2", "edns0"],
        },
      },
    },
  }),
  small("network-dns-servers", { group: { network: { mode: "bridge", dns: { servers: ["1.1.1.1"] } } } }),
  small("network-no-ports", { group: { network: { ports: {} } } }),
  small("network-many-ports", {
    group: {
      network: {
        ports: Object.fromEntries(
          Array.from({ length: 20 }, (_item, index) => [
            `p${index}`,
            index % 3 === 0 ? { static: 20_100 + index } : { to: index },
          ]),
        ),
      },
    },
  }),
  small("port-highest", { group: { network: { ports: { top: { static: 65_535, to: 65_535 } } } } }),
];
