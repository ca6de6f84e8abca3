# From seeds: nomad-ai-bible, "Agent Jobs"
# Repaired: pinned image; no NVIDIA_VISIBLE_DEVICES; set_contains_any; ORCHESTRATOR_URL from Nomad's discovery, with the
# port that the orchestrator really got (8001 is the port in its container); a model that exists, in 8 bits for 16 GB; the
# service is native and checked; variables declared; the token for gated models from a Nomad variable.
# Needs the variable nomad/jobs/agent with the item hf_token, the volume hf-cache, and four GPUs on the two nodes (with
# fewer, the remaining agents wait).

variable "region" {
  type    = string
  default = "global"
}

variable "datacenter" {
  type    = string
  default = "dc1"
}

job "agent" {
  region      = var.region
  datacenters = [var.datacenter]
  type        = "service"

  constraint {
    attribute = "${node.unique.name}"
    operator  = "set_contains_any"
    value     = "klo01,pop-os-node" # Nodes with 16GB GPUs
  }

  group "agents" {
    count          = 4 # Run 4 agent instances
    shutdown_delay = "10s"

    network {
      mode = "host"

      port "http" {
        to           = 8002
        host_network = "lan"
      }
    }

    volume "hf-cache" {
      type            = "csi"
      read_only       = false
      source          = "hf-cache"
      access_mode     = "multi-node-multi-writer"
      attachment_mode = "file-system"
    }

    restart {
      attempts = 3
      delay    = "30s"
      interval = "10m"
      mode     = "delay"
    }

    # A model takes minutes to load.
    update {
      max_parallel      = 1
      min_healthy_time  = "45s"
      healthy_deadline  = "30m"
      progress_deadline = "45m"
      auto_revert       = true
    }

    service {
      name     = "agent"
      provider = "nomad"
      port     = "http"
      tags     = ["traefik.enable=true", "agent"]

      check {
        type     = "http"
        path     = "/health"
        interval = "30s"
        timeout  = "3s"
      }
    }

    task "agent" {
      driver       = "docker"
      kill_timeout = "30s"

      config {
        image              = "nvcr.io/nvidia/vllm:25.09-py3"
        image_pull_timeout = "30m"
        runtime            = "nvidia"
        ports              = ["http"]
        shm_size           = 8589934592

        command = "python3"
        args = [
          "-m", "vllm.entrypoints.openai.api_server",
          "--host", "0.0.0.0",
          "--port", "${NOMAD_PORT_http}",
          "--model", "mistralai/Mistral-7B-Instruct-v0.3",
          "--quantization", "fp8",
          "--max-model-len", "8192",
        ]
      }

      volume_mount {
        volume      = "hf-cache"
        destination = "/root/.cache/huggingface"
        read_only   = false
      }

      env {
        NVIDIA_DRIVER_CAPABILITIES = "compute,utility"
        HF_HOME                    = "/root/.cache/huggingface"
      }

      template {
        data = <<EOF
{{ with nomadVar "nomad/jobs/agent" }}
HF_TOKEN={{ .hf_token }}
{{ end }}
EOF

        destination = "secrets/hf.env"
        env         = true
      }

      # A moved orchestrator restarts the agents, four of which would otherwise start in the same second.
      template {
        data = <<EOF
{{ range nomadService "orchestrator" }}
ORCHESTRATOR_URL=http://{{ .Address }}:{{ .Port }}
{{ end }}
EOF

        destination = "local/orchestrator.env"
        env         = true
        splay       = "60s"
      }

      resources {
        cpu    = 2000
        memory = 16384

        device "nvidia/gpu" {
          count = 1
        }
      }
    }
  }
}
