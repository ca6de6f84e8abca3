import type { Job } from "../../constructs/jobspec/job";

/**
 * One Redis that others find by name.
 *
 * The seed ran redis:3.2, out of support for years, and registered nothing that could find it.
 */
export const example: Job = {
  id: "example",
  datacenters: ["dc1"],
  groups: {
    cache: {
      shutdownDelay: "5s",
      network: { ports: { db: { to: 6379 } } },
      services: [{ name: "example-cache", port: "db", checks: [{ type: "tcp", interval: "10s", timeout: "2s" }] }],
      tasks: {
        redis: {
          driver: "docker",
          killTimeout: "20s",
          config: { image: "redis:7.4.6", ports: ["db"] },
          resources: { cpu: "500MHz", memory: "256MiB" },
        },
      },
    },
  },
};
