# From seeds: nomad-ai-bible, "Basic Service Job Structure", with "Service Registration" and "Consul Integration"
# Repaired: pinned image; native service instead of Consul, on the group, with time to leave discovery; the variable
# "region" is declared.

variable "region" {
  type    = string
  default = "global"
}

job "my-service" {
  region      = var.region
  datacenters = ["dc1"]
  type        = "service"

  group "app" {
    count          = 1
    shutdown_delay = "10s"

    network {
      port "http" {
        to = 8000
      }
    }

    restart {
      attempts = 3
      delay    = "15s"
      interval = "10m"
      mode     = "delay"
    }

    update {
      max_parallel     = 1
      min_healthy_time = "30s"
      auto_revert      = true
    }

    service {
      name     = "my-service"
      provider = "nomad"
      port     = "http"
      tags = [
        "traefik.enable=true",
        "api",
        "version=v1",
      ]

      check {
        type     = "http"
        path     = "/health"
        port     = "http"
        method   = "GET"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "app" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image = "myapp:1.0.0"
        ports = ["http"]
      }

      resources {
        cpu    = 500
        memory = 512
      }
    }
  }
}
