import type { Job } from "../../constructs/jobspec/job";
import { gatewayGroup, workerGroup } from "./sglang";
import { hfCache, seedPlace } from "./shared";

/**
 * A router of SGLang and its workers. Needs the variable `nomad/jobs/sglang-gateway` with `hf_token`.
 *
 * The seed was a router without workers that held a GPU, in an image that does not exist, with the token in `env`. A router needs no
 * GPU; the workers do, and it finds them by name.
 */
export const sglangGatewayPattern: Job = {
  id: "sglang-gateway",
  ...seedPlace,
  groups: { gateway: gatewayGroup, workers: { ...workerGroup, volumes: { "hf-cache": hfCache } } },
};
