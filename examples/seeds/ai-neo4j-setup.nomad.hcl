# From seeds: nomad-ai-bible, "Example: Database Setup Job" and "Step 1: Setup Job" (twice the same job)
# Repaired: no password in the arguments (Nomad variable and a template); the address from Nomad's discovery instead of
# Consul DNS; a stated restart policy (batch jobs do restart), which is what waits for the database; pinned patch version.
# Needs the variable nomad/jobs/neo4j-setup with the item password.

variable "region" {
  type    = string
  default = "global"
}

job "neo4j-setup" {
  region      = var.region
  datacenters = ["dc1"]
  type        = "batch"

  group "setup" {
    restart {
      attempts = 10
      delay    = "30s"
      interval = "30m"
      mode     = "fail"
    }

    task "neo4j-init" {
      driver = "docker"

      config {
        image = "neo4j:5.26.12"

        # Not the image's entrypoint, which takes every NEO4J_ variable for a setting of the server.
        entrypoint = ["cypher-shell"]
        args = [
          "CREATE CONSTRAINT cognee_node_id IF NOT EXISTS FOR (n:CogneeNode) REQUIRE n.id IS UNIQUE;",
        ]
      }

      # Without a registered neo4j, cypher-shell finds nothing on localhost and the restart policy tries again.
      template {
        data = <<EOF
{{ range nomadService "neo4j" }}
NEO4J_ADDRESS=bolt://{{ .Address }}:{{ .Port }}
{{ end }}
EOF

        destination = "local/neo4j.env"
        env         = true
      }

      template {
        data = <<EOF
{{ with nomadVar "nomad/jobs/neo4j-setup" }}
NEO4J_USERNAME=neo4j
NEO4J_PASSWORD={{ .password }}
{{ end }}
EOF

        destination = "secrets/neo4j.env"
        env         = true
      }

      resources {
        cpu    = 200
        memory = 512
      }
    }
  }
}
