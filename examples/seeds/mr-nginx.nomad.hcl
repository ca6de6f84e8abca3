# From seeds: multi-region-architecture, "Internal Load Balancer"
# Repaired: pinned image; the template asks Nomad's own discovery (nomadService), not Consul's (service); the service is
# native and checked on a path of nginx itself, so that a missing backend (502) does not mark the load balancer as dead.

job "nginx" {
  datacenters = ["dc1"]

  group "nginx" {
    count          = 1
    shutdown_delay = "10s"

    network {
      port "http" {
        static = 8080
      }
    }

    service {
      name     = "nginx"
      provider = "nomad"
      port     = "http"

      check {
        type     = "http"
        path     = "/healthz"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "nginx" {
      driver       = "docker"
      kill_timeout = "30s"
      kill_signal  = "SIGQUIT" # nginx finishes open requests

      config {
        image = "nginx:1.28.0"
        ports = ["http"]

        volumes = [
          "local:/etc/nginx/conf.d",
        ]
      }

      template {
        data = <<EOF
upstream backend {
{{- range nomadService "demo-webapp" }}
  server {{ .Address }}:{{ .Port }};
{{- else }}
  server 127.0.0.1:65535; # force a 502
{{- end }}
}

server {
  listen 8080;

  location = /healthz {
    return 204;
  }

  location / {
    proxy_pass http://backend;
  }
}
EOF

        destination   = "local/load-balancer.conf"
        change_mode   = "signal"
        change_signal = "SIGHUP"
      }

      resources {
        cpu    = 200
        memory = 128
      }
    }
  }
}
