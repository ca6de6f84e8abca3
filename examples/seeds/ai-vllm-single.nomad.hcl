# From seeds: nomad-ai-bible, "Pattern 1: vLLM"
# Repaired: no NVIDIA_VISIBLE_DEVICES (the device block sets it); variables declared; native service on the group, checked
# at /health instead of an open port; deadlines for a large image and a slow start; shared memory; no shell around the
# command.

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

job "vllm" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

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
      name     = "vllm"
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
        ]
      }

      env {
        NVIDIA_DRIVER_CAPABILITIES = "compute,utility"
      }

      resources {
        cpu    = 2000
        memory = 16384

        device "nvidia/gpu" {
          count = 1
        }
      }
    }
  }
}
