import { device, env } from "../../constructs/jobspec/references";
import type { Group } from "../../constructs/jobspec/group";
import type { Task } from "../../constructs/jobspec/task";
import { healthCheck, hfCacheMount, hfEnv, hfToken, keepLoading, lanPort, modelUpdate, traefik } from "./shared";

/** Workers that come and go render this again, which restarts the router with the new list. */
const router = String.raw`set --
{{- range nomadService "sglang-worker" }}
set -- "$@" http://{{ .Address }}:{{ .Port }}
{{- end }}

if [ $# -eq 0 ]; then
  echo "no worker is registered yet"
  exec sleep infinity
fi
exec python3 -m sglang_router.launch_router \
  --port "$NOMAD_PORT_http" \
  --host 0.0.0.0 \
  --worker-urls "$@"
`;

const routerTask: Task = {
  driver: "docker",
  killTimeout: "30s",
  config: {
    image: "lmsysorg/sgl-model-gateway:v0.3.2",
    entrypoint: ["/bin/sh"],
    args: ["/local/gateway.sh"],
    ports: ["http"],
  },
  templates: [{ destination: "local/gateway.sh", data: router }],
  resources: { cpu: "2GHz", memory: "2GiB" },
};

/** The router: no GPU, one address for all workers. */
export const gatewayGroup: Group = {
  count: 1,
  shutdownDelay: "10s",
  network: lanPort(30_000),
  restart: keepLoading,
  services: [{ name: "sglang-gateway", port: "http", tags: [traefik], checks: [{ ...healthCheck, port: "http" }] }],
  tasks: { gateway: routerTask },
};

/** The workers: one GPU of at least 20 GB each. Their group needs a volume `hf-cache`. */
export const workerGroup: Group = {
  count: 2,
  shutdownDelay: "10s",
  network: lanPort(30_001),
  restart: keepLoading,
  update: modelUpdate,
  services: [{ name: "sglang-worker", port: "http", checks: [healthCheck] }],
  tasks: {
    worker: {
      driver: "docker",
      killTimeout: "30s",
      config: {
        image: "lmsysorg/sglang:v0.5.11-cu129",
        imagePullTimeout: "30m",
        runtime: "nvidia",
        ports: ["http"],
        shmSize: "8GiB",
        command: "python3",
        args: [
          ...["-m", "sglang.launch_server", "--model-path", "mistralai/Mistral-7B-Instruct-v0.3"],
          ...["--port", env.port("http"), "--host", "0.0.0.0"],
        ],
      },
      env: hfEnv,
      volumeMounts: [hfCacheMount],
      templates: [hfToken("sglang-gateway")],
      resources: {
        cpu: "2GHz",
        memory: "16GiB",
        devices: [
          {
            name: "nvidia/gpu",
            count: 1,
            constraints: [{ attribute: device.attr.memory, operator: ">=", value: "20 GiB" }],
          },
        ],
      },
    },
  },
};
