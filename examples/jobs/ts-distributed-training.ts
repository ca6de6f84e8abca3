import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
import { pytorch, rankService, startScript } from "./training";

/** One process per worker, its model split over both GPUs. */
const train = `import argparse

import torch
import torch.distributed as dist

parser = argparse.ArgumentParser()
parser.add_argument("--master-addr", required=True)
parser.add_argument("--master-port", type=int, required=True)
parser.add_argument("--rank", type=int, required=True)
parser.add_argument("--world-size", type=int, required=True)
args = parser.parse_args()

store = dist.TCPStore(args.master_addr, args.master_port, args.world_size, is_master=args.rank == 0)
dist.init_process_group("nccl", store=store, rank=args.rank, world_size=args.world_size)


class TwoHalves(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(1024, 4096).to("cuda:0")
        self.second = torch.nn.Linear(4096, 1024).to("cuda:1")

    def forward(self, batch):
        return self.second(self.first(batch.to("cuda:0")).relu().to("cuda:1"))


model = torch.nn.parallel.DistributedDataParallel(TwoHalves())
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(100):
    optimizer.zero_grad()
    loss = model(torch.randn(64, 1024)).square().mean()
    loss.backward()
    optimizer.step()
print("rank", args.rank, "of", args.world_size, "loss", loss.item())
dist.destroy_process_group()
`;

const command = (workers: number) => String.raw`python /app/distributed_train.py \
  --master-addr="$MASTER_ADDR" \
  --master-port="$MASTER_PORT" \
  --rank="$NOMAD_ALLOC_INDEX" \
  --world-size=${workers}`;

/**
 * Training over several machines, two GPUs each.
 *
 * The seed looked for a service that nobody registered, took whichever instance came first for the master, wanted port 29500
 * free on every machine, and was a service job: a finished run would have started again.
 *
 * @param workers - how many; the world size follows.
 */
export function distributedTrainingOf(workers: number): Job {
  return {
    id: "distributed-training",
    type: "batch",
    datacenters: ["dc1", "dc2"],
    groups: {
      workers: {
        count: workers,
        shutdownDelay: "5s",
        spreads: [{ attribute: node.uniqueId, weight: 100 }],
        network: { mode: "host", ports: { dist: {} } },
        services: [rankService("distributed-training")],
        tasks: {
          worker: {
            driver: "docker",
            killTimeout: "30s",
            config: pytorch("8GiB"),
            env: { NCCL_SOCKET_IFNAME: "^docker,lo" }, // all but these interfaces
            templates: [
              {
                destination: "local/app/start.sh",
                data: startScript("distributed-training", command(workers)),
              },
              { destination: "local/app/distributed_train.py", data: train },
            ],
            resources: { cpu: "8GHz", memory: "32GiB", devices: [{ name: "nvidia/gpu", count: 2 }] },
          },
        },
      },
    },
  };
}

/** As in the seed: four workers. */
export const distributedTraining = distributedTrainingOf(4);
