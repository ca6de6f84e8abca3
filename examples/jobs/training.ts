import type { DockerConfig } from "../../constructs/jobspec/drivers/docker";
import { env } from "../../constructs/jobspec/references";
import type { NomadService } from "../../constructs/jobspec/service";
import type { Size } from "../../constructs/jobspec/size";

/** Registers a worker under its rank, before its task starts, so that the others find rank 0. */
export function rankService(name: string): NomadService {
  return { name, port: "dist", tags: [`rank-${env.allocIndex}`] };
}

/**
 * A shell script that waits for the address of rank 0 and then runs a command. A new rank 0 renders it again, and every rank
 * starts over with the new address.
 *
 * @param set - what comes before `MASTER_ADDR=…` on its line: `export ` for commands that read the environment.
 */
export function startScript(service: string, command: string, set = ""): string {
  return `{{- range nomadService "${service}" }}{{ if .Tags | contains "rank-0" }}
${set}MASTER_ADDR={{ .Address }} MASTER_PORT={{ .Port }}
{{- end }}{{ end }}

if [ -z "$MASTER_ADDR" ]; then
  echo "rank 0 is not registered yet"
  exec sleep infinity
fi
exec ${command}
`;
}

/**
 * PyTorch with the scripts of `local/app`. On the host's network, where the tailnet's interface is; no `ports`, since host
 * networking publishes nothing.
 */
export function pytorch(shmSize: Size): DockerConfig {
  return {
    image: "pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime",
    imagePullTimeout: "30m",
    command: "sh",
    args: ["/app/start.sh"],
    networkMode: "host",
    shmSize,
    mounts: [{ type: "bind", source: "local/app", target: "/app", readonly: true }],
  };
}
