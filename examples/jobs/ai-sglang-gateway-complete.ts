import type { Job } from "../../constructs/jobspec/job";
import { gatewayGroup, workerGroup } from "./sglang";
import { hfCache, oneByOne, seedPlace } from "./shared";

/**
 * The next version of `sglang-gateway`: with meta, an update policy for the router, and a cache of its own.
 *
 * The seed had the mistakes of the pattern, see there.
 */
export const sglangGatewayComplete: Job = {
  id: "sglang-gateway",
  ...seedPlace,
  meta: { job_file: "nomad_jobs/ai-ml/sglang-gateway/nomad.job", version: "1" },
  groups: {
    gateway: { ...gatewayGroup, update: { ...oneByOne, minHealthyTime: "45s" } },
    workers: { ...workerGroup, volumes: { "hf-cache": { ...hfCache, source: "sglang-hf-cache" } } },
  },
};
