import type { Job } from "../../constructs/jobspec/job";
import { env, meta } from "../../constructs/jobspec/references";
import { healthCheck, keepTrying, lanPort, oneByOne, ownImage, seedPlace, traefik } from "./shared";

/**
 * The template with everything: meta, constraint, volume, restart and update policy, service, GPU.
 *
 * The seed ran `myapp:latest` and registered its service in a Consul that nobody ran.
 */
export const exampleTemplate: Job = {
  id: "example",
  ...seedPlace,
  meta: { job_file: "nomad_jobs/category/job-name/nomad.job", version: "1" },
  constraints: [{ attribute: meta("shared_mount"), value: "true" }],
  groups: {
    app: {
      count: 1,
      shutdownDelay: "10s",
      network: lanPort(8000),
      volumes: {
        data: {
          type: "csi",
          source: "volume-name",
          accessMode: "single-node-writer",
          attachmentMode: "file-system",
        },
      },
      restart: { ...keepTrying, delay: "15s" },
      update: { ...oneByOne, minHealthyTime: "30s" },
      services: [{ name: "my-service", port: "http", tags: [traefik], checks: [healthCheck] }],
      tasks: {
        app: {
          driver: "docker",
          killTimeout: "30s",
          config: { image: ownImage, runtime: "nvidia", ports: ["http"] },
          env: { PORT: env.port("http") },
          volumeMounts: [{ volume: "data", destination: "/data", readOnly: false }],
          resources: { cpu: "1GHz", memory: "2GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
        },
      },
    },
  },
};
