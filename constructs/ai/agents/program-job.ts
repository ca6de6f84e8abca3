import type { HttpCheck, TcpCheck } from "../../jobspec/check";
import type { Pool } from "../../../model/types";
import type { Job } from "../../jobspec/job";
import type { Port } from "../../jobspec/network";
import { programTask, runtimeAllowances } from "../../jobspec/program";
import { variableEnvironment } from "../../jobspec/variable-file";
import { edgeDisconnect } from "../base/edge";
import type { ProgramNodeOptions } from "./graph-types";

/** Group and task of a program's job. */
export const PROGRAM = "program";

/** A program of one's own as a service: one instance at a time is replaced, and a version that does not become healthy goes back. */
export function programJob(
  name: string,
  { pool, count = 1, program }: Pick<ProgramNodeOptions<string>, "pool" | "count" | "program">,
  { port, edge }: { readonly port: Port; readonly edge: Pool["edge"] | undefined },
): Job {
  const { image, command, args, healthPath, variable, runtime, cpu = "500MHz", memory = "512MiB" } = program;
  const ask = { interval: "10s", timeout: "3s" } as const;
  const check: HttpCheck | TcpCheck =
    healthPath === undefined ? { type: "tcp", ...ask } : { type: "http", path: healthPath, ...ask };
  return {
    id: name,
    nodePool: pool,
    allow: runtimeAllowances(runtime),
    update: { maxParallel: 1, autoRevert: true, minHealthyTime: "10s", healthyDeadline: "5m", progressDeadline: "10m" },
    groups: {
      [PROGRAM]: {
        count,
        shutdownDelay: "5s",
        network: { mode: "host", ports: { http: port } },
        restart: { attempts: 3, interval: "10m", delay: "15s", mode: "delay" },
        services: [{ name, port: "http", checks: [check] }],
        ...(edge === undefined ? {} : { disconnect: edgeDisconnect(edge) }),
        tasks: {
          [PROGRAM]: {
            ...programTask(runtime, {
              image,
              installedCommand: command ?? "",
              ...(command === undefined ? {} : { command }),
              ...(args === undefined ? {} : { args }),
              container: { ports: ["http"] },
            }),
            env: program.env ?? {},
            killTimeout: "30s",
            templates: variable === undefined ? [] : [variableEnvironment(variable.path, variable.items)],
            resources: { cpu, memory },
          },
        },
      },
    },
  };
}
