# From seeds: nomad-ai-bible, "Ray Head" (an elided job: "runs on any node, coordinates workers")
# Repaired: a whole job; pinned image; every port is either Nomad's (and then in the range that allocations use) or in the
# fixed range of the worker processes, so that a network policy can name them; the head is registered under the name that
# the workers look for; no work runs on the head.
# Needs TCP 18000-18499 between the nodes, beside the ports of allocations.

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

job "ray-head" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  group "head" {
    count          = 1
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "gcs" {}

      port "dashboard" {}

      port "client" {}

      port "node_manager" {}

      port "object_manager" {}

      port "metrics" {}
    }

    service {
      name     = "ray-head"
      provider = "nomad"
      port     = "gcs"

      check {
        type     = "tcp"
        interval = "15s"
        timeout  = "3s"
      }
    }

    service {
      name     = "ray-dashboard"
      provider = "nomad"
      port     = "dashboard"

      check {
        type     = "http"
        path     = "/api/version"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "head" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "rayproject/ray:2.49.2-py312-cpu"
        image_pull_timeout = "30m"

        # Ray's processes address each other by the node's own address.
        network_mode = "host"
        shm_size     = 2147483648

        command = "ray"
        args = [
          "start", "--head", "--block",
          "--node-ip-address=${NOMAD_IP_gcs}",
          "--port=${NOMAD_PORT_gcs}",
          "--dashboard-host=${NOMAD_IP_dashboard}",
          "--dashboard-port=${NOMAD_PORT_dashboard}",
          "--ray-client-server-port=${NOMAD_PORT_client}",
          "--node-manager-port=${NOMAD_PORT_node_manager}",
          "--object-manager-port=${NOMAD_PORT_object_manager}",
          "--metrics-export-port=${NOMAD_PORT_metrics}",
          "--min-worker-port=18000",
          "--max-worker-port=18499",
          "--num-cpus=0",
          "--disable-usage-stats",
        ]
      }

      resources {
        cpu    = 2000
        memory = 8192
      }
    }
  }
}
