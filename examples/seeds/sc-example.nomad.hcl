# From seeds: nomad-simple-cluster, "Job 실행하기" (run a job)
# Repaired: redis 3.2 replaced by a supported, pinned version; the port is registered and checked; time to stop cleanly.

job "example" {
  datacenters = ["dc1"]

  group "cache" {
    shutdown_delay = "5s"

    network {
      port "db" {
        to = 6379
      }
    }

    service {
      name     = "example-cache"
      provider = "nomad"
      port     = "db"

      check {
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "redis" {
      driver       = "docker"
      kill_timeout = "20s"

      config {
        image = "redis:7.4.6"
        ports = ["db"]
      }

      resources {
        cpu    = 500
        memory = 256
      }
    }
  }
}
