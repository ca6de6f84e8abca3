import type { CsiAccessMode, AttachmentMode } from "../../constructs/jobspec/volume";
import type { Job } from "../../constructs/jobspec/job";
import { labCsiDriver } from "../../lab/csi/driver";
import { defineFleet } from "../../model/fleet";
import { LAB } from "./lab-base";
import type { Retirement } from "../../model/types";
import type { Volume } from "../../model/volume-types";

/** Id of the plugin in the fleet. */
export const PLUGIN = "shared";
/** Hosts that mount. */
export const MOUNTING_HOSTS = ["general-1", "general-2"] as const;

const volume: Volume = {
  kind: "created",
  plugin: PLUGIN,
  capacityMinGiB: 1,
  capabilities: [{ accessMode: "single-node-writer" }],
  disposable: { reason: "made by a test" },
};

/**
 * A server and two machines, which run the lab's CSI plugin. Its volumes are for one node at a time, and their data may go.
 *
 * @param retired - hosts of the pool that are to leave.
 * @param volumes - what each says beside that.
 */
export function csiFleet(
  retired: Readonly<Record<string, Retirement>> = {},
  volumes: Readonly<Record<string, Pick<Volume, "retired">>> = { scratch: {}, spare: {} },
) {
  const host = (name: string, address: string) => ({ address, ...(retired[name] && { retired: retired[name] }) });
  const made = Object.entries(volumes).map(([id, more]): [string, Volume] => [id, { ...volume, ...more }]);
  return defineFleet({
    ...LAB,
    sites: {
      "dc-east": {
        platform: "onprem",
        networks: ["10.61.1.0/24"],
        hosts: {
          "east-1": { address: "10.61.1.11" },
          "general-1": host("general-1", "10.61.1.21"),
          "general-2": host("general-2", "10.61.1.22"),
        },
        dataDirectory: "/srv/data",
        install: { kind: "image" },
      },
    },
    regions: {
      east: {
        site: "dc-east",
        servers: { hosts: ["east-1"] },
        authoritative: true,
        storage: {
          plugins: { [PLUGIN]: { driver: labCsiDriver(), pools: ["general"] } },
          volumes: Object.fromEntries(made),
        },
      },
    },
    pools: {
      general: {
        region: "east",
        site: "dc-east",
        hosts: [...MOUNTING_HOSTS],
        description: "Machines that share a directory",
        hardware: { cpuMHz: 2000, memoryMiB: 1024 },
        drivers: ["raw_exec", "exec"],
        drainSeconds: 20,
      },
    },
  });
}

/** How a job uses a volume. */
export interface Use {
  readonly source: string;
  /** @default "single-node-writer" */
  readonly accessMode?: CsiAccessMode;
  /** @default "file-system" */
  readonly attachmentMode?: AttachmentMode;
}

/** Where the job's task has its volume. */
const WRITER = { group: "writer", task: "writer", destination: "/data" } as const;

/** A volume in that place. */
export function mountOf(volume: string, accessMode?: CsiAccessMode) {
  return { ...WRITER, volume, ...(accessMode !== undefined && { accessMode }) };
}

/**
 * A job that writes the name of its node and the time to a log on a volume, five times a second, each line flushed.
 *
 * @param use - written into the job by hand, past all checks. @default - the volume is mounted by whoever deploys the job
 */
export function writerJob(id: string, use?: Use): Job {
  const script = 'while :; do echo "$NODE $(date +%s.%N)" >>/data/log; sync /data/log; sleep 0.2; done';
  const { group, task, destination } = WRITER;
  return {
    id,
    nodePool: "general",
    update: { healthCheck: "task_states", minHealthyTime: "1s", healthyDeadline: "1m", progressDeadline: "2m" },
    groups: {
      [group]: {
        ...(use && {
          volumes: {
            data: { type: "csi", accessMode: "single-node-writer", attachmentMode: "file-system", ...use },
          },
        }),
        tasks: {
          [task]: {
            driver: "exec",
            config: { command: "/bin/sh", args: ["-c", script] },
            env: { NODE: "${node.unique.name}" },
            ...(use && { volumeMounts: [{ volume: "data", destination }] }),
            resources: { cpu: "50MHz", memory: "32MiB" },
            killTimeout: "2s",
          },
        },
      },
    },
  };
}
