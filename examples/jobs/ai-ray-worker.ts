import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
import { gpuEnv, portCheck, seedPlace } from "./shared";

/** A head that moved renders this again, and the worker joins the new one. */
const join = String.raw`{{- range nomadService "ray-head" }}
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
`;

/** Where the workers run, and with what. */
export interface RayWorkerOptions {
  /** GPU machines by name; amd64, as the image is. */
  readonly nodes: readonly string[];
  /** GPUs per worker. */
  readonly gpus: number;
}

/**
 * Ray's workers, one per machine: two would share the range of worker ports (18500 to 18999).
 *
 * The seed left the job out, asked for a node with all names at once, and had an arm64 machine among them.
 */
export function rayWorkerOf({ nodes, gpus }: RayWorkerOptions): Job {
  return {
    id: "ray-worker",
    ...seedPlace,
    constraints: [{ attribute: node.uniqueName, operator: "set_contains_any", value: nodes.join(",") }],
    groups: {
      workers: {
        count: 2,
        shutdownDelay: "5s",
        constraints: [{ operator: "distinct_hosts" }],
        network: { mode: "host", ports: { node_manager: {}, object_manager: {}, metrics: {} } },
        services: [{ name: "ray-worker", port: "node_manager", checks: [portCheck] }],
        tasks: {
          worker: {
            driver: "docker",
            killTimeout: "30s",
            config: {
              image: "rayproject/ray:2.49.2-py312-gpu",
              imagePullTimeout: "30m",
              runtime: "nvidia",
              networkMode: "host", // Ray's processes address each other by the node's own address
              shmSize: "8GiB",
              command: "sh",
              args: ["/local/worker.sh"],
            },
            templates: [{ destination: "local/worker.sh", data: join }],
            env: { ...gpuEnv, RAY_GPUS: String(gpus) },
            resources: { cpu: "4GHz", memory: "16GiB", devices: [{ name: "nvidia/gpu", count: gpus }] },
          },
        },
      },
    },
  };
}

/** As in the seed. */
export const rayWorker = rayWorkerOf({ nodes: ["klo01", "pop-os-node"], gpus: 1 });
