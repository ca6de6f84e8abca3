import type { Construct } from "constructs";
import { RayCluster } from "../../constructs/ai/ray/cluster";
import { SHARED_DIRECTORY } from "../../lab/csi/driver";
import { rayServices } from "../../model/well-known";
import type { Fleet } from "../../model/types";
import { pythonPools, SHARED_VOLUME } from "./lab-training";
import type { PythonEnvironment } from "./python";

export const RAY_HEAD = "general-1";
export const RAY_WORKERS = ["general-2", "general-3"] as const;

/** A machine for the head, and two for workers. */
export function rayFleet(): Fleet {
  const services = rayServices({
    head: "heads",
    workers: ["workers"],
    clients: ["operators"],
    workerPorts: "18000-18999",
  });
  return pythonPools({ heads: [RAY_HEAD], workers: RAY_WORKERS }, services);
}

/** A cluster over all of them, with a CPU on each worker. Its store is kept. */
export function ray(scope: Construct, { directory, env }: PythonEnvironment): void {
  new RayCluster(scope, "Ray", {
    name: "ray",
    head: { pool: "heads", memory: "2500MiB" },
    workers: { pool: "workers", count: RAY_WORKERS.length, cpus: 1, memory: "2GiB" },
    runtime: { kind: "installed", command: `${directory}/pip/bin/ray` },
    env,
    gcsFaultTolerance: { volume: SHARED_VOLUME },
    mounts: [{ volume: SHARED_VOLUME, destination: SHARED_DIRECTORY }],
  });
}
