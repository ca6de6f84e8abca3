# From seeds: nomad-ai-bible, "Pattern 2: Ollama"
# Repaired: pinned image; OLLAMA_MODELS is a directory, so a poststart task pulls the models; no NVIDIA_VISIBLE_DEVICES, but
# a device block (the original took every GPU and reserved none); the service is native and checked by HTTP; variables
# declared.
# Needs volumes { enabled = true } in the clients' docker plugin, for the bind of ollama_data_dir.

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

variable "dns_server_ip" {
  type    = string
  default = "192.168.128.111"
}

variable "ollama_data_dir" {
  type    = string
  default = "/srv/ollama"
}

job "ollama" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  group "web" {
    count          = 1
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "web" {
        to           = 11434
        host_network = "lan"
      }
    }

    # The allocation counts as healthy when the models are there.
    update {
      healthy_deadline  = "30m"
      progress_deadline = "45m"
      auto_revert       = true
    }

    service {
      name     = "ollama"
      provider = "nomad"
      port     = "web"
      tags     = ["traefik.enable=true"]

      check {
        type     = "http"
        path     = "/"
        port     = "web"
        interval = "30s"
        timeout  = "2s"
      }
    }

    task "ollama" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "ollama/ollama:0.15.2"
        image_pull_timeout = "30m"
        runtime            = "nvidia"
        dns_servers        = [var.dns_server_ip]
        volumes = [
          "${var.ollama_data_dir}:/root/.ollama",
        ]
        ports = ["web"]
      }

      env {
        NVIDIA_DRIVER_CAPABILITIES = "compute,utility"
        OLLAMA_MODELS              = "/root/.ollama/models"
        OLLAMA_KEEP_ALIVE          = "30m"
      }

      resources {
        cpu    = 200
        memory = 30000

        device "nvidia/gpu" {
          count = 1
        }
      }
    }

    task "pull-models" {
      driver = "docker"

      lifecycle {
        hook    = "poststart"
        sidecar = false
      }

      config {
        image      = "ollama/ollama:0.15.2"
        entrypoint = ["/bin/sh", "-c"]
        args       = ["until ollama list; do sleep 2; done; ollama pull llama3.2:3b && ollama pull codellama:7b"]
      }

      env {
        OLLAMA_HOST = "${NOMAD_ADDR_web}"
      }

      resources {
        cpu    = 100
        memory = 256
      }
    }
  }
}
