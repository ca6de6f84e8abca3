# From seeds: nomad-ai-bible, "Ray Workers" (a constraint and a device of an elided job)
# Repaired: a whole job; set_contains_any, since no node has all names; pinned image; the head's address from Nomad's
# discovery; Ray is told how many GPUs it has; ports as in ai-ray-head; resources belong to a task. spark-node is no longer
# in the default list: it is arm64, which is another image.
# Needs TCP 18500-18999 between the nodes, beside the ports of allocations.

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

variable "allowed_nodes" {
  type        = string
  description = "GPU nodes, separated by commas"
  default     = "klo01,pop-os-node"
}

variable "gpu_count" {
  type    = number
  default = 1
}

job "ray-worker" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  constraint {
    attribute = "${node.unique.name}"
    operator  = "set_contains_any"
    value     = var.allowed_nodes
  }

  group "workers" {
    count          = 2
    shutdown_delay = "5s"

    # One per node: two would share the range of worker ports.
    constraint {
      distinct_hosts = true
    }

    network {
      mode = "host"

      port "node_manager" {}

      port "object_manager" {}

      port "metrics" {}
    }

    service {
      name     = "ray-worker"
      provider = "nomad"
      port     = "node_manager"

      check {
        type     = "tcp"
        interval = "15s"
        timeout  = "3s"
      }
    }

    task "worker" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "rayproject/ray:2.49.2-py312-gpu"
        image_pull_timeout = "30m"
        runtime            = "nvidia"

        # Ray's processes address each other by the node's own address.
        network_mode = "host"
        shm_size     = 8589934592

        command = "sh"
        args    = ["/local/worker.sh"]
      }

      # A head that moved renders this again, and the worker joins the new one.
      template {
        data = <<EOF
{{- range nomadService "ray-head" }}
HEAD={{ .Address }}:{{ .Port }}
{{- end }}

if [ -z "$HEAD" ]; then
  echo "no head is registered yet"
  exec sleep infinity
fi
exec ray start --block \
  --address="$HEAD" \
  --node-ip-address="$NOMAD_IP_node_manager" \
  --node-manager-port="$NOMAD_PORT_node_manager" \
  --object-manager-port="$NOMAD_PORT_object_manager" \
  --metrics-export-port="$NOMAD_PORT_metrics" \
  --min-worker-port=18500 \
  --max-worker-port=18999 \
  --num-gpus="$RAY_GPUS" \
  --disable-usage-stats
EOF

        destination = "local/worker.sh"
      }

      env {
        NVIDIA_DRIVER_CAPABILITIES = "compute,utility"
        RAY_GPUS                   = var.gpu_count
      }

      resources {
        cpu    = 4000
        memory = 16384

        device "nvidia/gpu" {
          count = var.gpu_count
        }
      }
    }
  }
}
