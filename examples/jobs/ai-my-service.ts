import type { Job } from "../../constructs/jobspec/job";
import { healthCheck, keepTrying, oneByOne, ownImage, seedPlace, traefik } from "./shared";

/**
 * A service as most are: one port, one check, one image.
 *
 * The seed ran `myapp:latest`, used a variable that it did not declare, and had three services of two providers for one port.
 */
export const myService: Job = {
  id: "my-service",
  ...seedPlace,
  groups: {
    app: {
      count: 1,
      shutdownDelay: "10s",
      network: { ports: { http: { to: 8000 } } },
      restart: { ...keepTrying, delay: "15s" },
      update: { ...oneByOne, minHealthyTime: "30s" },
      services: [
        {
          name: "my-service",
          port: "http",
          tags: [traefik, "api", "version=v1"],
          checks: [{ ...healthCheck, port: "http", method: "GET" }],
        },
      ],
      tasks: {
        app: {
          driver: "docker",
          killTimeout: "30s",
          config: { image: ownImage, ports: ["http"] },
          resources: { cpu: "500MHz", memory: "512MiB" },
        },
      },
    },
  },
};
