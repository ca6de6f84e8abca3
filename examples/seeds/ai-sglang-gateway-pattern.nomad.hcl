# From seeds: nomad-ai-bible, "Pattern 3: SGLang Gateway"
# Repaired: the gateway has workers, found through Nomad's discovery and passed as --worker-urls; GPU, cache and token moved
# to the workers, which need them; an image that exists, pinned; HF_TOKEN from a Nomad variable instead of "env"; no
# NVIDIA_VISIBLE_DEVICES; native services; variables declared.
# Needs the variable nomad/jobs/sglang-gateway with the item hf_token, and the volume hf-cache.

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

job "sglang-gateway" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  group "gateway" {
    count          = 1
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "http" {
        to           = 30000
        host_network = "lan"
      }
    }

    restart {
      attempts = 3
      delay    = "30s"
      interval = "10m"
      mode     = "delay"
    }

    service {
      name     = "sglang-gateway"
      provider = "nomad"
      port     = "http"
      tags     = ["traefik.enable=true"]

      check {
        type     = "http"
        path     = "/health"
        port     = "http"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "gateway" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image      = "lmsysorg/sgl-model-gateway:v0.3.2"
        entrypoint = ["/bin/sh"]
        args       = ["/local/gateway.sh"]
        ports      = ["http"]
      }

      # Workers that come and go render this again, which restarts the gateway with the new list.
      template {
        data = <<EOF
set --
{{- range nomadService "sglang-worker" }}
set -- "$@" http://{{ .Address }}:{{ .Port }}
{{- end }}

if [ $# -eq 0 ]; then
  echo "no worker is registered yet"
  exec sleep infinity
fi
exec python3 -m sglang_router.launch_router \
  --port "$NOMAD_PORT_http" \
  --host 0.0.0.0 \
  --worker-urls "$@"
EOF

        destination = "local/gateway.sh"
      }

      resources {
        cpu    = 2000
        memory = 2048
      }
    }
  }

  group "workers" {
    count          = 2
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "http" {
        to           = 30001
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
      name     = "sglang-worker"
      provider = "nomad"
      port     = "http"

      check {
        type     = "http"
        path     = "/health"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "worker" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "lmsysorg/sglang:v0.5.11-cu129"
        image_pull_timeout = "30m"
        runtime            = "nvidia"
        ports              = ["http"]
        shm_size           = 8589934592

        command = "python3"
        args = [
          "-m", "sglang.launch_server",
          "--model-path", "mistralai/Mistral-7B-Instruct-v0.3",
          "--port", "${NOMAD_PORT_http}",
          "--host", "0.0.0.0",
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
{{ with nomadVar "nomad/jobs/sglang-gateway" }}
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

          constraint {
            attribute = "${device.attr.memory}"
            operator  = ">="
            value     = "20 GiB"
          }
        }
      }
    }
  }
}
