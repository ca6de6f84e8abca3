import type { Job } from "../../constructs/jobspec/job";
import { device, env } from "../../constructs/jobspec/references";
import { pytorch, rankService, startScript } from "./training";

const train = `import torch
import torch.distributed as dist

dist.init_process_group("nccl")  # reads MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(1024, 1024).cuda())
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(100):
    optimizer.zero_grad()
    loss = model(torch.randn(64, 1024).cuda()).square().mean()
    loss.backward()
    optimizer.step()
print("rank", dist.get_rank(), "of", dist.get_world_size(), "loss", loss.item())
dist.destroy_process_group()
`;

/**
 * A training run on one GPU per worker, rather an A100: a wish, for Nomad looks at a few machines only when it places a job.
 *
 * The seed mounted `/dev/nvidia0` beside the device block, took its own index for the number of workers and its own address
 * for the master's, and ran a script that the image does not have.
 *
 * @param workers - how many; each is told the same number.
 */
export function mlTrainingOf(workers: number): Job {
  return {
    id: "ml-training",
    type: "batch",
    datacenters: ["dc1", "dc2", "dc3"],
    groups: {
      training: {
        count: workers,
        shutdownDelay: "5s",
        network: { mode: "host", ports: { dist: {} } },
        services: [rankService("ml-training")],
        tasks: {
          train: {
            driver: "docker",
            killTimeout: "30s",
            config: pytorch("4GiB"),
            env: { RANK: env.allocIndex, WORLD_SIZE: String(workers) },
            templates: [
              {
                destination: "local/app/start.sh",
                data: startScript("ml-training", "python /app/train.py", "export "),
              },
              { destination: "local/app/train.py", data: train },
            ],
            resources: {
              cpu: "4GHz",
              memory: "16GiB",
              devices: [
                {
                  name: "nvidia/gpu",
                  count: 1,
                  affinities: [{ attribute: device.model, operator: "regexp", value: "A100", weight: 100 }],
                },
              ],
            },
          },
        },
      },
    },
  };
}

/** As in the seed: one worker. */
export const mlTraining = mlTrainingOf(1);
