# From seeds: nomad-tailscale-integration, "收集指标" (collect metrics), a lone task "monitoring"
# Repaired: pinned image; no "tailscale: true" (no such key); /v1/metrics with format=prometheus, over TLS and with a
# token; servers by their names in the tailnet; the configuration is read from its directory, since a file mounted alone
# keeps the old content after Nomad replaces it; dynamic port; samples survive an update on the same machine.
# Needs the variable nomad/jobs/monitoring with the items token and ca_pem.

job "monitoring" {
  type = "service"

  group "monitoring" {
    shutdown_delay = "5s"

    ephemeral_disk {
      sticky = true
      size   = 10240
    }

    network {
      mode = "host"

      port "http" {}
    }

    service {
      name     = "monitoring"
      provider = "nomad"
      port     = "http"

      check {
        type     = "http"
        path     = "/-/healthy"
        interval = "15s"
        timeout  = "3s"
      }
    }

    task "monitoring" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image = "prom/prometheus:v3.5.0"

        # The tailnet and its names belong to the host.
        network_mode = "host"

        args = [
          "--config.file=/local/prometheus.yml",
          "--storage.tsdb.path=/alloc/data/prometheus",
          "--web.listen-address=${NOMAD_ADDR_http}",
        ]
      }

      template {
        data = <<EOF
global:
  scrape_interval: 15s

scrape_configs:
  - job_name: nomad
    scheme: https
    metrics_path: /v1/metrics
    params:
      format: [prometheus]
    authorization:
      credentials_file: /secrets/nomad-token
    tls_config:
      ca_file: /local/nomad-ca.pem
      server_name: server.global.nomad
    static_configs:
      - targets:
          - nomad-server-1:4646
          - nomad-server-2:4646
          - nomad-server-3:4646
EOF

        destination   = "local/prometheus.yml"
        change_mode   = "signal"
        change_signal = "SIGHUP"
      }

      # Prometheus reads both files again for each connection.
      template {
        data        = "{{ with nomadVar \"nomad/jobs/monitoring\" }}{{ .token }}{{ end }}"
        destination = "secrets/nomad-token"
        change_mode = "noop"
      }

      template {
        data        = "{{ with nomadVar \"nomad/jobs/monitoring\" }}{{ .ca_pem }}{{ end }}"
        destination = "local/nomad-ca.pem"
        change_mode = "noop"
      }

      resources {
        cpu    = 500
        memory = 1024
      }
    }
  }
}
