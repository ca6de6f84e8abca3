import type { Job } from "../../constructs/jobspec/job";
import { seedPlace } from "./shared";

/**
 * The smallest whole job: one group, one task, one service.
 *
 * The seed left its task out, and its region "home" fits one cluster only.
 */
export const exampleStructure: Job = {
  id: "example",
  ...seedPlace,
  groups: {
    web: {
      count: 1,
      shutdownDelay: "5s",
      network: { ports: { http: { to: 5678 } } },
      services: [
        {
          name: "example-web",
          port: "http",
          checks: [{ type: "http", path: "/", interval: "10s", timeout: "2s" }],
        },
      ],
      tasks: {
        app: {
          driver: "docker",
          killTimeout: "10s",
          config: { image: "hashicorp/http-echo:1.0.0", args: ["-listen=:5678", "-text=hello"], ports: ["http"] },
          resources: { cpu: "100MHz", memory: "64MiB" },
        },
      },
    },
  },
};
