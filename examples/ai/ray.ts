import type { Construct } from "constructs";
import { RayCluster } from "../../constructs/ai/ray/cluster";
import { rayServices } from "../../model/well-known";

export const services = rayServices({
  head: "general",
  workers: ["workstations"],
  clients: ["operators"],
  workerPorts: "18000-18999",
});

/** A head without GPU, and a worker with both GPUs on each workstation. */
export const ray = (scope: Construct): unknown =>
  new RayCluster(scope, "Ray", {
    name: "ray",
    head: { pool: "general" },
    workers: { pool: "workstations", count: 2, cpus: 16, memory: "96GiB" },
  });
