# From seeds: nomad-tailscale-integration, "GPU 任务调度" (GPU job)
# Repaired: pinned image; the GPU comes from the device block alone (no /dev/nvidia0, no CUDA_VISIBLE_DEVICES, no count
# from node meta); world size = count, rank = index, master = the registered address of rank 0; dynamic port; the
# training script, which the image does not contain, is part of the job; shared memory for PyTorch's data loaders.

job "ml-training" {
  datacenters = ["dc1", "dc2", "dc3"]
  type        = "batch"

  group "training" {
    count          = 1 # and WORLD_SIZE below
    shutdown_delay = "5s"

    network {
      mode = "host"

      port "dist" {}
    }

    # Registered before the task starts, so the template below finds rank 0.
    service {
      name     = "ml-training"
      provider = "nomad"
      port     = "dist"
      tags     = ["rank-${NOMAD_ALLOC_INDEX}"]
    }

    task "train" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime"
        image_pull_timeout = "30m"

        command = "sh"
        args    = ["/app/start.sh"]

        # The tailnet interface belongs to the host. No "ports" here: host networking publishes nothing.
        network_mode = "host"
        shm_size     = 4294967296

        mount {
          type     = "bind"
          source   = "local/app"
          target   = "/app"
          readonly = true
        }
      }

      env {
        RANK       = "${NOMAD_ALLOC_INDEX}"
        WORLD_SIZE = "1"
      }

      # A new rank 0 renders this again, and every rank starts over with the new address.
      template {
        destination = "local/app/start.sh"
        data        = <<EOF
{{- range nomadService "ml-training" }}{{ if .Tags | contains "rank-0" }}
export MASTER_ADDR={{ .Address }} MASTER_PORT={{ .Port }}
{{- end }}{{ end }}

if [ -z "$MASTER_ADDR" ]; then
  echo "rank 0 is not registered yet"
  exec sleep infinity
fi
exec python /app/train.py
EOF
      }

      template {
        destination = "local/app/train.py"
        data        = <<EOF
import torch
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
EOF
      }

      resources {
        cpu    = 4000
        memory = 16384

        device "nvidia/gpu" {
          count = 1

          affinity {
            attribute = "${device.model}"
            operator  = "regexp"
            value     = "A100"
            weight    = 100
          }
        }
      }
    }
  }
}
