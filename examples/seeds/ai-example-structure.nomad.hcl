# From seeds: nomad-ai-bible, "Job Structure"
# Repaired: the elided task is a whole one with a pinned image; the region is a variable, as in the rest of that text
# (the literal "home" fits one cluster only); the port is declared, registered and checked.

variable "region" {
  type    = string
  default = "global"
}

job "example" {
  region      = var.region
  datacenters = ["dc1"]
  type        = "service" # or "batch" or "system"

  group "web" {
    count          = 1
    shutdown_delay = "5s"

    network {
      port "http" {
        to = 5678
      }
    }

    service {
      name     = "example-web"
      provider = "nomad"
      port     = "http"

      check {
        type     = "http"
        path     = "/"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "app" {
      driver       = "docker"
      kill_timeout = "10s"

      config {
        image = "hashicorp/http-echo:1.0.0"
        args  = ["-listen=:5678", "-text=hello"]
        ports = ["http"]
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
