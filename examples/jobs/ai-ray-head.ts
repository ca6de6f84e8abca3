import type { Job } from "../../constructs/jobspec/job";
import { env } from "../../constructs/jobspec/references";
import { portCheck, seedPlace } from "./shared";

/**
 * Ray's head: coordinates the workers and runs no work itself.
 *
 * The seed left the job out and all ports to chance. Here each is Nomad's, or in the fixed range of the worker processes
 * (18000 to 18499, open between the machines), so that a network policy can name them.
 */
export const rayHead: Job = {
  id: "ray-head",
  ...seedPlace,
  groups: {
    head: {
      count: 1,
      shutdownDelay: "10s",
      network: {
        mode: "host",
        ports: { gcs: {}, dashboard: {}, client: {}, node_manager: {}, object_manager: {}, metrics: {} },
      },
      services: [
        { name: "ray-head", port: "gcs", checks: [portCheck] },
        {
          name: "ray-dashboard",
          port: "dashboard",
          checks: [{ type: "http", path: "/api/version", interval: "30s", timeout: "3s" }],
        },
      ],
      tasks: {
        head: {
          driver: "docker",
          killTimeout: "30s",
          config: {
            image: "rayproject/ray:2.49.2-py312-cpu",
            imagePullTimeout: "30m",
            networkMode: "host", // Ray's processes address each other by the node's own address
            shmSize: "2GiB",
            command: "ray",
            args: [
              "start",
              "--head",
              "--block",
              `--node-ip-address=${env.ip("gcs")}`,
              `--port=${env.port("gcs")}`,
              `--dashboard-host=${env.ip("dashboard")}`,
              `--dashboard-port=${env.port("dashboard")}`,
              `--ray-client-server-port=${env.port("client")}`,
              `--node-manager-port=${env.port("node_manager")}`,
              `--object-manager-port=${env.port("object_manager")}`,
              `--metrics-export-port=${env.port("metrics")}`,
              "--min-worker-port=18000",
              "--max-worker-port=18499",
              "--num-cpus=0",
              "--disable-usage-stats",
            ],
          },
          resources: { cpu: "2GHz", memory: "8GiB" },
        },
      },
    },
  },
};
