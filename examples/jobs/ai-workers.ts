import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
import { oneByOne, ownImage } from "./shared";

/**
 * Workers whose number may change from outside: `nomad job scale workers 5`.
 *
 * The seed was a lone count without bounds.
 */
export const workers: Job = {
  id: "workers",
  datacenters: ["dc1"],
  update: { ...oneByOne, healthCheck: "task_states" },
  groups: {
    workers: {
      count: 3,
      scaling: { min: 1, max: 5 },
      spreads: [{ attribute: node.uniqueId }],
      tasks: {
        worker: {
          driver: "docker",
          killTimeout: "30s",
          config: { image: ownImage, args: ["worker"] },
          resources: { cpu: "500MHz", memory: "512MiB" },
        },
      },
    },
  },
};
