import type { Job } from "../../constructs/jobspec/job";
import { env } from "../../constructs/jobspec/references";
import { healthCheck, ownImage } from "./shared";

/**
 * An app on the machine's own network, at a fixed port of one of its interfaces.
 *
 * In the seed the group alone said `mode = "host"`: Docker still gives the container a network of its own. The task has to
 * say it, and the app has to be told where to listen.
 */
export const appHostNetwork: Job = {
  id: "app-host-network",
  datacenters: ["dc1"],
  groups: {
    app: {
      shutdownDelay: "10s",
      network: { mode: "host", ports: { http: { static: 8000, hostNetwork: "lan" } } },
      services: [{ name: "app-host-network", port: "http", checks: [healthCheck] }],
      tasks: {
        app: {
          driver: "docker",
          killTimeout: "30s",
          config: { image: ownImage, networkMode: "host" },
          env: { HOST: env.ip("http"), PORT: env.port("http") },
          resources: { cpu: "500MHz", memory: "512MiB" },
        },
      },
    },
  },
};
