# From seeds: nomad-tailscale-integration, "分布式训练" (distributed training)
# Repaired: pinned image; the service the template looks for is registered (it asked for "ml-training", which nobody
# registered), tagged with the rank, and only rank 0 is the master; dynamic port instead of 29500; NCCL stays away from
# docker0 and lo; the script is part of the job; batch, because a service job would start a finished run again.

job "distributed-training" {
  datacenters = ["dc1", "dc2"]
  type        = "batch"

  group "workers" {
    count          = 4 # and --world-size below
    shutdown_delay = "5s"

    spread {
      attribute = "${node.unique.id}"
      weight    = 100
    }

    network {
      mode = "host"

      port "dist" {}
    }

    # Registered before the task starts, so the template below finds rank 0.
    service {
      name     = "distributed-training"
      provider = "nomad"
      port     = "dist"
      tags     = ["rank-${NOMAD_ALLOC_INDEX}"]
    }

    task "worker" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime"
        image_pull_timeout = "30m"

        command = "sh"
        args    = ["/app/start.sh"]

        # The tailnet interface belongs to the host. No "ports" here: host networking publishes nothing.
        network_mode = "host"
        shm_size     = 8589934592

        mount {
          type     = "bind"
          source   = "local/app"
          target   = "/app"
          readonly = true
        }
      }

      env {
        NCCL_SOCKET_IFNAME = "^docker,lo"
      }

      # A new rank 0 renders this again, and every rank starts over with the new address.
      template {
        destination = "local/app/start.sh"
        data        = <<EOF
{{- range nomadService "distributed-training" }}{{ if .Tags | contains "rank-0" }}
MASTER_ADDR={{ .Address }} MASTER_PORT={{ .Port }}
{{- end }}{{ end }}

if [ -z "$MASTER_ADDR" ]; then
  echo "rank 0 is not registered yet"
  exec sleep infinity
fi
exec python /app/distributed_train.py \
  --master-addr="$MASTER_ADDR" \
  --master-port="$MASTER_PORT" \
  --rank="$NOMAD_ALLOC_INDEX" \
  --world-size=4
EOF
      }

      # One process per worker, its model split over both GPUs.
      template {
        destination = "local/app/distributed_train.py"
        data        = <<EOF
import argparse

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
EOF
      }

      resources {
        cpu    = 8000
        memory = 32768

        device "nvidia/gpu" {
          count = 2
        }
      }
    }
  }
}
