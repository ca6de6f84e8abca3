# From seeds: nomad-simple-cluster, "Job 수정 및 재실행" (change the job and run it again)
# Repaired: as sc-example; the three caches roll one by one and go to different machines where they can.
# Same job id as sc-example on purpose: run that one first, then plan this one to see two new and one updated in place.

job "example" {
  datacenters = ["dc1"]

  update {
    max_parallel = 1
    auto_revert  = true
  }

  group "cache" {
    count          = 3
    shutdown_delay = "5s"

    spread {
      attribute = "${node.unique.id}"
    }

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
