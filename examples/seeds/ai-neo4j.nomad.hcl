# From seeds: nomad-ai-bible, "Step 2: Service Job", with "Using CSI Volumes in Jobs"
# Repaired: the port "bolt" exists; the service is native and checked; a password other than the image's default, from
# a Nomad variable; memory that Neo4j starts with; time to write its files before it is killed; pinned patch version.
# Needs the variable nomad/jobs/neo4j with the item password, and the volume neo4j-data registered with the attachment
# mode file-system (its definition in the seed says block-device, which this job could never claim).

variable "region" {
  type    = string
  default = "global"
}

job "neo4j" {
  region      = var.region
  datacenters = ["dc1"]
  type        = "service"

  group "neo4j" {
    count          = 1
    shutdown_delay = "10s"

    network {
      port "bolt" {
        to = 7687
      }
    }

    volume "neo4j-data" {
      type            = "csi"
      read_only       = false
      source          = "neo4j-data"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"

      mount_options {
        fs_type     = "ext4"
        mount_flags = ["noatime"]
      }
    }

    service {
      name     = "neo4j"
      provider = "nomad"
      port     = "bolt"

      check {
        type     = "tcp"
        interval = "15s"
        timeout  = "3s"
      }
    }

    task "neo4j" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image = "neo4j:5.26.12"
        ports = ["bolt"]
      }

      volume_mount {
        volume      = "neo4j-data"
        destination = "/data"
        read_only   = false
      }

      template {
        data = <<EOF
{{ with nomadVar "nomad/jobs/neo4j" }}
NEO4J_AUTH=neo4j/{{ .password }}
{{ end }}
EOF

        destination = "secrets/neo4j.env"
        env         = true
      }

      resources {
        cpu    = 1000
        memory = 2048
      }
    }
  }
}
