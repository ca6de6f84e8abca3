import type { Job } from "../../constructs/jobspec/job";

/** The backends as Nomad knows them; nginx is told when they change. */
const loadBalancer = `upstream backend {
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
`;

/**
 * A load balancer inside a region.
 *
 * The seed's image had no tag, and its template asked Consul (`service`), which nobody ran. The check has a path of nginx's
 * own: a missing backend (502) does not make the load balancer a dead one.
 */
export const nginx: Job = {
  id: "nginx",
  datacenters: ["dc1"],
  groups: {
    nginx: {
      count: 1,
      shutdownDelay: "10s",
      network: { ports: { http: { static: 8080 } } },
      services: [
        {
          name: "nginx",
          port: "http",
          checks: [{ type: "http", path: "/healthz", interval: "10s", timeout: "2s" }],
        },
      ],
      tasks: {
        nginx: {
          driver: "docker",
          killTimeout: "30s",
          killSignal: "SIGQUIT", // nginx finishes open requests
          config: { image: "nginx:1.28.0", ports: ["http"], volumes: ["local:/etc/nginx/conf.d"] },
          templates: [
            {
              destination: "local/load-balancer.conf",
              changeMode: "signal",
              changeSignal: "SIGHUP",
              data: loadBalancer,
            },
          ],
          resources: { cpu: "200MHz", memory: "128MiB" },
        },
      },
    },
  },
};
