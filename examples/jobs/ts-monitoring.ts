import type { Job } from "../../constructs/jobspec/job";
import { env } from "../../constructs/jobspec/references";
import type { Template } from "../../constructs/jobspec/template";

/** Which region is watched, and its servers by their names in the tailnet. */
export interface MonitoringOptions {
  readonly region: string;
  readonly servers: readonly string[];
}

const prometheus = ({ region, servers }: MonitoringOptions) => `global:
  scrape_interval: 15s

scrape_configs:
  - job_name: nomad
    scheme: https
    metrics_path: /v1/metrics
    params:
      format: [prometheus]
    authorization:
      credentials_file: /secrets/nomad-token
    tls_config:
      ca_file: /local/nomad-ca.pem
      server_name: server.${region}.nomad
    static_configs:
      - targets:
${servers.map((server) => `          - ${server}:4646\n`).join("")}`;

/** A file with one item of the job's Nomad variable. Prometheus reads it again for each connection. */
function item(name: string, destination: string): Template {
  return {
    destination,
    changeMode: "noop",
    data: `{{ with nomadVar "nomad/jobs/monitoring" }}{{ .${name} }}{{ end }}`,
  };
}

/**
 * Prometheus over the servers' own metrics. Needs the variable `nomad/jobs/monitoring` with `token` and `ca_pem`.
 *
 * The seed had a key that does not exist (`tailscale: true`), no metrics path, format or token, and mounted its file alone, which
 * keeps the old content after Nomad has replaced it.
 */
export function monitoringOf(options: MonitoringOptions): Job {
  return {
    id: "monitoring",
    groups: {
      monitoring: {
        shutdownDelay: "5s",
        ephemeralDisk: { sticky: true, size: "10GiB" }, // samples outlive an update on the same machine
        network: { mode: "host", ports: { http: {} } },
        services: [
          {
            name: "monitoring",
            port: "http",
            checks: [{ type: "http", path: "/-/healthy", interval: "15s", timeout: "3s" }],
          },
        ],
        tasks: {
          monitoring: {
            driver: "docker",
            killTimeout: "30s",
            config: {
              image: "prom/prometheus:v3.5.0",
              networkMode: "host", // the tailnet and its names belong to the host
              args: [
                "--config.file=/local/prometheus.yml",
                "--storage.tsdb.path=/alloc/data/prometheus",
                `--web.listen-address=${env.addr("http")}`,
              ],
            },
            templates: [
              {
                destination: "local/prometheus.yml",
                changeMode: "signal",
                changeSignal: "SIGHUP",
                data: prometheus(options),
              },
              item("token", "secrets/nomad-token"),
              item("ca_pem", "local/nomad-ca.pem"),
            ],
            resources: { cpu: "500MHz", memory: "1GiB" },
          },
        },
      },
    },
  };
}

/** As in the seed. */
export const monitoring = monitoringOf({
  region: "global",
  servers: ["nomad-server-1", "nomad-server-2", "nomad-server-3"],
});
