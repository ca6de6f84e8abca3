# From seeds: nomad-ai-bible, "Job File Template"
# Repaired: pinned image; native service on the group, with time to leave discovery; the GPU by vendor and type.

variable "region" {
  type    = string
  default = "global"
}

job "example" {
  region      = var.region
  datacenters = ["dc1"]
  type        = "service"

  meta {
    job_file = "nomad_jobs/category/job-name/nomad.job"
    version  = "1"
  }

  constraint {
    attribute = "${meta.shared_mount}"
    operator  = "="
    value     = "true"
  }

  group "app" {
    count          = 1
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "http" {
        to           = 8000
        host_network = "lan"
      }
    }

    volume "data" {
      type            = "csi"
      read_only       = false
      source          = "volume-name"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
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
      tags     = ["traefik.enable=true"]

      check {
        type     = "http"
        path     = "/health"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "app" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image   = "myapp:1.0.0"
        runtime = "nvidia"
        ports   = ["http"]
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
        read_only   = false
      }

      env {
        PORT = "${NOMAD_PORT_http}"
      }

      resources {
        cpu    = 1000
        memory = 2048

        device "nvidia/gpu" {
          count = 1
        }
      }
    }
  }
}
