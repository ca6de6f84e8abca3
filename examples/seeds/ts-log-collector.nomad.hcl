# From seeds: nomad-tailscale-integration, "日志收集" (collect logs), a lone task "log-collector"
# Repaired: pinned image; a system job, since every machine has logs; the logs of the host are mounted (the original read
# an empty directory of its own container); it remembers how far it has read; the configuration is read in place.
# Needs the host volume "nomad-logs" (/var/log/nomad) on every client.

job "log-collector" {
  type = "system"

  group "log-collector" {
    # What has been read is remembered below alloc/data, which an update on the same machine keeps.
    ephemeral_disk {
      sticky = true
    }

    volume "nomad-logs" {
      type      = "host"
      source    = "nomad-logs"
      read_only = true
    }

    task "log-collector" {
      driver       = "docker"
      kill_timeout = "20s"

      config {
        image      = "fluent/fluent-bit:4.2.2"
        entrypoint = ["/fluent-bit/bin/fluent-bit"]
        args       = ["-c", "/local/fluent-bit.conf"]
      }

      volume_mount {
        volume      = "nomad-logs"
        destination = "/var/log/nomad"
        read_only   = true
      }

      template {
        data = <<EOF
[INPUT]
    Name tail
    Path /var/log/nomad/*.log
    DB   /alloc/data/tail.db

[OUTPUT]
    Name   http
    Match  *
    # The collector's address in the tailnet.
    Host   100.64.5.10
    Port   9880
    URI    /logs
    Format json
EOF

        destination = "local/fluent-bit.conf"
      }

      resources {
        cpu    = 100
        memory = 128
      }
    }
  }
}
