# From seeds: nomad-ai-bible, "Host Networking", a lone group "app"
# Repaired: pinned image; network_mode = "host" in the task, without which Docker still gives the container a network of
# its own behind a published port; the app is told where to listen; the service is registered and checked.

job "app-host-network" {
  datacenters = ["dc1"]
  type        = "service"

  group "app" {
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "http" {
        static       = 8000
        host_network = "lan" # or "tailscale", "public": a host_network of the client
      }
    }

    service {
      name     = "app-host-network"
      provider = "nomad"
      port     = "http"

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
        image        = "myapp:1.0.0"
        network_mode = "host"
      }

      env {
        HOST = "${NOMAD_IP_http}"
        PORT = "${NOMAD_PORT_http}"
      }

      resources {
        cpu    = 500
        memory = 512
      }
    }
  }
}
