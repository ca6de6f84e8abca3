# From seeds: nomad-ai-bible, "Prestart Tasks", a lone group "app"
# Repaired: pinned images; the directory belongs to the app's user instead of being writable by all (777); the main task,
# elided in the original, is a whole one and mounts the volume it was prepared for.

job "app-prestart" {
  datacenters = ["dc1"]
  type        = "service"

  group "app" {
    shutdown_delay = "10s"

    network {
      port "http" {
        to = 8000
      }
    }

    volume "data" {
      type            = "csi"
      source          = "app-data"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
    }

    service {
      name     = "app-prestart"
      provider = "nomad"
      port     = "http"

      check {
        type     = "http"
        path     = "/health"
        interval = "30s"
        timeout  = "3s"
      }
    }

    # Runs to its end before the main task.
    task "prep-disk" {
      driver = "docker"

      lifecycle {
        hook    = "prestart"
        sidecar = false
      }

      config {
        image   = "busybox:1.37.0"
        command = "sh"
        args    = ["-c", "mkdir -p /volume/config && chown -R 1000:1000 /volume && chmod 0750 /volume"]
      }

      volume_mount {
        volume      = "data"
        destination = "/volume/"
        read_only   = false
      }

      resources {
        cpu    = 200
        memory = 128
      }
    }

    task "app" {
      driver       = "docker"
      user         = "1000:1000"
      kill_timeout = "30s"

      config {
        image = "myapp:1.0.0"
        ports = ["http"]
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
        read_only   = false
      }

      resources {
        cpu    = 500
        memory = 512
      }
    }
  }
}
