# From seeds: nomad-ai-bible, "Deploying SurrealDB with Nomad"
# Repaired: pinned image; user and password from a Nomad variable, not in the arguments; host port 8001 leads to port 8000
# of the container (without "to" it led to 8001, where nothing listens); the check asks the database; the volume's modes
# are stated; time to close RocksDB.
# Needs the variable nomad/jobs/surrealdb with the items user and password, and the dynamic host volume surrealdb-data
# on a local disk (RocksDB does not belong on NFS), owned by the image's user: mkdir plugin, uid and gid 65532.

variable "region" {
  type    = string
  default = "global"
}

job "surrealdb" {
  region      = var.region
  datacenters = ["dc1"]
  type        = "service"

  meta {
    job_file = "nomad_jobs/storage-backends/surrealdb/nomad.job"
    version  = "1"
  }

  group "surrealdb" {
    count          = 1
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "http" {
        static       = 8001 # Use non-standard port to avoid conflicts
        to           = 8000
        host_network = "lan"
      }
    }

    volume "surrealdb-data" {
      type            = "host"
      read_only       = false
      source          = "surrealdb-data"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
    }

    update {
      max_parallel     = 1
      min_healthy_time = "30s"
      auto_revert      = true
    }

    service {
      name     = "surrealdb"
      provider = "nomad"
      tags     = ["database", "graph-db", "ai"]
      port     = "http"

      check {
        type     = "http"
        path     = "/health"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "surrealdb" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image = "surrealdb/surrealdb:v2.3.10"
        args = [
          "start",
          "--bind", "0.0.0.0:8000", # Bind to all interfaces on port 8000 inside container
          "--log", "info",
          "rocksdb:/data/surrealdb.db",
        ]
        ports = ["http"]
      }

      volume_mount {
        volume      = "surrealdb-data"
        destination = "/data"
        read_only   = false
      }

      template {
        data = <<EOF
{{ with nomadVar "nomad/jobs/surrealdb" }}
SURREAL_USER={{ .user }}
SURREAL_PASS={{ .password }}
{{ end }}
EOF

        destination = "secrets/surrealdb.env"
        env         = true
      }

      resources {
        cpu    = 500
        memory = 2048
      }
    }
  }
}
