# From seeds: nomad-ai-bible, "System Jobs"
# Repaired: pinned image; it measures the host, not its own container (network, processes, file systems); the port is
# declared, registered and checked.
# Needs volumes { enabled = true } in the clients' docker plugin, for the bind of "/".

job "node-monitor" {
  type = "system"

  group "monitor" {
    shutdown_delay = "5s"

    network {
      mode = "host"

      port "metrics" {
        static = 9100
      }
    }

    service {
      name     = "node-monitor"
      provider = "nomad"
      port     = "metrics"

      check {
        type     = "http"
        path     = "/"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "agent" {
      driver       = "docker"
      kill_timeout = "10s"

      config {
        image        = "prom/node-exporter:v1.9.1"
        network_mode = "host"
        pid_mode     = "host"

        args = [
          "--path.rootfs=/host",
          "--web.listen-address=${NOMAD_ADDR_metrics}",
        ]

        volumes = [
          "/:/host:ro,rslave",
        ]
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
