import type { Job } from "../../constructs/jobspec/job";
import { env } from "../../constructs/jobspec/references";

/**
 * Measures every machine. Its port is fixed, so that a scraper needs no discovery.
 *
 * The seed's image floated, and it measured its own container: without the host's network, processes and files there is
 * nothing else to see.
 */
export const nodeMonitor: Job = {
  id: "node-monitor",
  type: "system",
  allow: [{ rule: "host-namespace", reason: "it measures the processes of the machine, not its own" }],
  groups: {
    monitor: {
      shutdownDelay: "5s",
      network: { mode: "host", ports: { metrics: { static: 9100 } } },
      services: [
        {
          name: "node-monitor",
          port: "metrics",
          checks: [{ type: "http", path: "/", interval: "30s", timeout: "3s" }],
        },
      ],
      tasks: {
        agent: {
          driver: "docker",
          killTimeout: "10s",
          config: {
            image: "prom/node-exporter:v1.9.1",
            networkMode: "host",
            pidMode: "host",
            volumes: ["/:/host:ro,rslave"],
            args: ["--path.rootfs=/host", `--web.listen-address=${env.addr("metrics")}`],
          },
          resources: { cpu: "100MHz", memory: "64MiB" },
        },
      },
    },
  },
};
