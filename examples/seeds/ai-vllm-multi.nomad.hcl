# From seeds: nomad-ai-bible, "Multiple GPUs", "Docker GPU Configuration" and "Node Constraints" (fragments of one job)
# Repaired: pinned image; no NVIDIA_VISIBLE_DEVICES; two GPUs by the device block with a constraint on their memory (there
# is no ${attr.nvidia.gpu.count}); set_contains_any, since set_contains wants every name at once; both GPUs are used
# (tensor parallel); the shared cache is read only, by the access mode that exists (multi-node-reader-only).
# Needs the model in the cache already, put there by a job that may write it, such as ai-vllm-hf-cache.

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

variable "vllm_model" {
  type    = string
  default = "Qwen/Qwen3-4B-Instruct-2507"
}

job "vllm-multi" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  constraint {
    attribute = "${node.unique.name}"
    operator  = "set_contains_any"
    value     = "klo01,pop-os-node"
  }

  constraint {
    attribute = "${meta.shared_mount}"
    operator  = "="
    value     = "true"
  }

  group "vllm" {
    count          = 1
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "http" {
        to           = 8000
        host_network = "lan"
      }
    }

    volume "hf-cache" {
      type            = "csi"
      read_only       = true
      source          = "hf-cache"
      access_mode     = "multi-node-reader-only"
      attachment_mode = "file-system"
    }

    restart {
      attempts = 3
      delay    = "30s"
      interval = "10m"
      mode     = "delay"
    }

    # A model takes minutes to load.
    update {
      max_parallel      = 1
      min_healthy_time  = "45s"
      healthy_deadline  = "30m"
      progress_deadline = "45m"
      auto_revert       = true
    }

    service {
      name     = "vllm-multi"
      provider = "nomad"
      port     = "http"
      tags     = ["traefik.enable=true"]

      check {
        type     = "http"
        path     = "/health"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "vllm" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "nvcr.io/nvidia/vllm:25.09-py3"
        image_pull_timeout = "30m"
        runtime            = "nvidia"
        ports              = ["http"]
        shm_size           = 8589934592

        command = "python3"
        args = [
          "-m", "vllm.entrypoints.openai.api_server",
          "--host", "0.0.0.0",
          "--port", "${NOMAD_PORT_http}",
          "--model", var.vllm_model,
          "--tensor-parallel-size", "2",
        ]
      }

      volume_mount {
        volume      = "hf-cache"
        destination = "/root/.cache/huggingface"
        read_only   = true
      }

      env {
        NVIDIA_DRIVER_CAPABILITIES = "compute,utility"
        HF_HOME                    = "/root/.cache/huggingface"
        HF_HUB_OFFLINE             = "1"
      }

      resources {
        cpu    = 2000
        memory = 32768

        device "nvidia/gpu" {
          count = 2

          constraint {
            attribute = "${device.attr.memory}"
            operator  = ">="
            value     = "15 GiB"
          }
        }
      }
    }
  }
}
