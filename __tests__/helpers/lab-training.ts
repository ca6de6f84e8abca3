import type { Construct } from "constructs";
import { DistributedTraining } from "../../constructs/ai/training/distributed-training";
import { SHARED_DIRECTORY } from "../../lab/csi/driver";
import { defineFleet } from "../../model/fleet";
import { LAB } from "./lab-base";
import type { Fleet, Pool, Service } from "../../model/types";
import type { PythonEnvironment } from "./python";

/** Machines that run tasks. */
export const TRAINING_HOSTS = ["general-1", "general-2", "general-3"] as const;
/** Host volume of each: the directory that the lab's hosts share, a stand-in for NFS. */
export const SHARED_VOLUME = "shared";
/** Directory of the run below that. */
export const RUN = "runs/train";
export const LAST_STEP = 120;

const POOL = {
  region: "east",
  site: "dc-east",
  description: "Machines that share a directory",
  hardware: { cpuMHz: 4000, memoryMiB: 4096 },
  drivers: ["exec"],
  chrootEnv: {
    "/usr/bin": "/bin",
    "/usr/bin/env": "/usr/bin/env",
    "/usr/lib/x86_64-linux-gnu": "/lib/x86_64-linux-gnu",
    "/usr/lib64": "/lib64",
    "/etc/passwd": "/etc/passwd",
    "/etc/group": "/etc/group",
    "/etc/hosts": "/etc/hosts",
    "/etc/resolv.conf": "/etc/resolv.conf",
    "/etc/nsswitch.conf": "/etc/nsswitch.conf",
  },
  hostVolumes: { [SHARED_VOLUME]: { path: SHARED_DIRECTORY } },
  drainSeconds: 20,
} as const;

/** A server and three machines without GPUs, which share a directory, and what a program needs of them in its chroot. */
export function pythonFleet(services: Readonly<Record<string, Service<"general">>>): Fleet {
  return pythonPools({ general: TRAINING_HOSTS }, services);
}

/** The same three machines, in these pools. */
export function pythonPools<PoolName extends string>(
  hosts: Readonly<Record<PoolName, readonly (typeof TRAINING_HOSTS)[number][]>>,
  services: Readonly<Record<string, Service<PoolName>>>,
): Fleet {
  const pools = Object.entries<readonly string[]>(hosts).map(([name, own]) => [name, { ...POOL, hosts: own }]);
  return defineFleet({
    ...LAB,
    sites: {
      "dc-east": {
        platform: "onprem",
        networks: ["10.61.1.0/24"],
        hosts: {
          "east-1": { address: "10.61.1.11" },
          "general-1": { address: "10.61.1.21" },
          "general-2": { address: "10.61.1.22" },
          "general-3": { address: "10.61.1.23" },
        },
        dataDirectory: "/srv/data",
        install: { kind: "image" },
      },
    },
    regions: { east: { site: "dc-east", servers: { hosts: ["east-1"] }, authoritative: true } },
    pools: Object.fromEntries(pools) as Readonly<Record<PoolName, Pool<"dc-east", "east">>>,
    services,
  });
}

/**
 * Fits a line with data parallelism. Rank 0 writes step, loss and generation of each step to `log`, and a checkpoint after each
 * fifth; every rank its process and host to `rank-<rank>`.
 */
const TRAIN = `
import json, os, socket, time
import torch
import torch.distributed as dist

dist.init_process_group("gloo")
rank, folder = dist.get_rank(), os.environ["CHECKPOINT_DIR"]
with open(os.path.join(folder, "rank-%d" % rank), "w") as about:
    json.dump({"pid": os.getpid(), "host": socket.gethostname(), "interface": os.environ["GLOO_SOCKET_IFNAME"]}, about)
torch.manual_seed(1)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
first = 1
if "RESUME_FROM" in os.environ:
    saved = torch.load(os.environ["RESUME_FROM"])
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    first = saved["step"] + 1
torch.manual_seed(1000 * rank + first)
for step in range(first, ${LAST_STEP} + 1):
    x = torch.randn(64, 4)
    loss = (model(x) - x @ torch.tensor([[1.0], [2.0], [3.0], [4.0]])).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    dist.all_reduce(loss)
    if rank == 0:
        with open(os.path.join(folder, "log"), "a") as log:
            print(step, loss.item() / dist.get_world_size(), os.environ["GANG_GENERATION"], file=log)
        if step % 5 == 0:
            path = os.path.join(folder, "step-%d.pt" % step)
            torch.save({"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, path + ".tmp")
            os.replace(path + ".tmp", path)
    time.sleep(0.25)
dist.destroy_process_group()
`;

/** Four workers on three machines. */
export function training(scope: Construct, { command, env }: PythonEnvironment): void {
  new DistributedTraining(scope, "Train", {
    name: "train",
    pool: "general",
    workers: 4,
    spread: true,
    script: { text: TRAIN },
    runtime: { kind: "installed", command },
    env: { ...env, OMP_NUM_THREADS: "1" },
    mounts: [{ volume: SHARED_VOLUME, destination: SHARED_DIRECTORY }],
    checkpoints: SHARED_VOLUME,
    checkpointDirectory: RUN,
    cpu: "500MHz",
    memory: "900MiB",
    gangTimeoutMinutes: 3,
  });
}
