# From seeds: nomad-ai-bible, "Model 1: Mistral 24B (Orchestrator)" (a constraint and a device of an elided job)
# Repaired: one GPU, as a DGX Spark has (not eight); resources belong to a task; the rest of the job, in the manner of the
# vLLM jobs beside it.
# The device plugin up to 1.1.0 does not see a GB10: this needs a newer build of it.
# Needs the variable nomad/jobs/mistral-24b with the item hf_token, and the volume hf-cache.

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

job "mistral-24b" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  constraint {
    attribute = "${node.unique.name}"
    operator  = "="
    value     = "spark-node" # DGX Spark: one GB10, 128 GB shared by CPU and GPU, arm64
  }

  group "mistral" {
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
      read_only       = false
      source          = "hf-cache"
      access_mode     = "multi-node-multi-writer"
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
      name     = "mistral-24b"
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
          "--model", "mistralai/Mistral-Small-24B-Instruct-2501",
        ]
      }

      volume_mount {
        volume      = "hf-cache"
        destination = "/root/.cache/huggingface"
        read_only   = false
      }

      env {
        NVIDIA_DRIVER_CAPABILITIES = "compute,utility"
        HF_HOME                    = "/root/.cache/huggingface"
      }

      template {
        data = <<EOF
{{ with nomadVar "nomad/jobs/mistral-24b" }}
HF_TOKEN={{ .hf_token }}
{{ end }}
EOF

        destination = "secrets/hf.env"
        env         = true
      }

      resources {
        cpu    = 8000
        memory = 98304

        device "nvidia/gpu" {
          count = 1
        }
      }
    }
  }
}
