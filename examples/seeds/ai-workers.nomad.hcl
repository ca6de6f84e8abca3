# From seeds: nomad-ai-bible, "Scaling", a lone group "workers"
# Repaired: a whole job around the count; bounds for `nomad job scale workers 5`, which otherwise has none.

job "workers" {
  datacenters = ["dc1"]
  type        = "service"

  update {
    max_parallel = 1
    health_check = "task_states"
    auto_revert  = true
  }

  group "workers" {
    count = 3

    scaling {
      min = 1
      max = 5
    }

    spread {
      attribute = "${node.unique.id}"
    }

    task "worker" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image = "myapp:1.0.0"
        args  = ["worker"]
      }

      resources {
        cpu    = 500
        memory = 512
      }
    }
  }
}
