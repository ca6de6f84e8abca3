import type { Job } from "../../constructs/jobspec/job";
import { healthCheck, ownImage } from "./shared";

/**
 * A task that prepares the volume before the main one starts.
 *
 * The seed ran `busybox:latest`, and made the directory writable by everybody (777) instead of giving it to the app's user.
 */
export const appPrestart: Job = {
  id: "app-prestart",
  datacenters: ["dc1"],
  groups: {
    app: {
      shutdownDelay: "10s",
      network: { ports: { http: { to: 8000 } } },
      volumes: {
        data: {
          type: "csi",
          source: "app-data",
          accessMode: "single-node-writer",
          attachmentMode: "file-system",
        },
      },
      services: [{ name: "app-prestart", port: "http", checks: [healthCheck] }],
      tasks: {
        "prep-disk": {
          driver: "docker",
          lifecycle: { hook: "prestart" }, // runs to its end before the main task
          config: {
            image: "busybox:1.37.0",
            command: "sh",
            args: ["-c", "mkdir -p /volume/config && chown -R 1000:1000 /volume && chmod 0750 /volume"],
          },
          volumeMounts: [{ volume: "data", destination: "/volume/", readOnly: false }],
          resources: { cpu: "200MHz", memory: "128MiB" },
        },
        app: {
          driver: "docker",
          user: "1000:1000",
          killTimeout: "30s",
          config: { image: ownImage, ports: ["http"] },
          volumeMounts: [{ volume: "data", destination: "/data", readOnly: false }],
          resources: { cpu: "500MHz", memory: "512MiB" },
        },
      },
    },
  },
};
