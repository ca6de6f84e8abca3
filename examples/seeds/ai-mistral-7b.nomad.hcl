# From seeds: nomad-ai-bible, "Model 2: Mistral 7B (Agent)" (a constraint and a device of an elided job)
# Repaired: set_contains_any, since no node has both names; resources belong to a task; weights in 8 bits, since in 16 they
# leave a 16 GB GPU no room for a cache; the rest of the job, in the manner of the vLLM jobs beside it.
# Needs the variable nomad/jobs/mistral-7b with the item hf_token, and the volume hf-cache.

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

job "mistral-7b" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  constraint {
    attribute = "${node.unique.name}"
    operator  = "set_contains_any"
    value     = "klo01,pop-os-node" # Nodes with 16GB GPUs
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
      name     = "mistral-7b"
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
          "--model", "mistralai/Mistral-7B-Instruct-v0.3",
          "--quantization", "fp8",
          "--max-model-len", "8192",
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
{{ with nomadVar "nomad/jobs/mistral-7b" }}
HF_TOKEN={{ .hf_token }}
{{ end }}
EOF

        destination = "secrets/hf.env"
        env         = true
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
