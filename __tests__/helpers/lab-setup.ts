import type { Construct } from "constructs";
import type { SshConnection } from "../../constructs/core/terraform-data";
import { NomadJob } from "../../constructs/nomad/job";
import { SetupJob } from "../../constructs/nomad/setup/setup-job";
import { defineFleet } from "../../model/fleet";
import { LAB } from "./lab-base";
import { scriptJob } from "./setup-jobs";

/** The host that runs both jobs. */
export const WORKER = "general-1";
/** There on the worker once somebody has made the database. */
export const DATABASE = "/srv/data/shop.db";
/** A line on the worker for each set-up that has succeeded. */
export const DONE = "/srv/data/set-ups";

/** A server and a machine. */
export const setupFleet = () =>
  defineFleet({
    ...LAB,
    sites: {
      "dc-east": {
        platform: "onprem",
        networks: ["10.61.1.0/24"],
        hosts: { "east-1": { address: "10.61.1.11" }, [WORKER]: { address: "10.61.1.21" } },
        dataDirectory: "/srv/data",
        install: { kind: "image" },
      },
    },
    regions: { east: { site: "dc-east", servers: { hosts: ["east-1"] }, authoritative: true } },
    pools: {
      general: {
        region: "east",
        site: "dc-east",
        hosts: [WORKER],
        description: "A machine with a database",
        hardware: { cpuMHz: 2000, memoryMiB: 1024 },
        drivers: ["raw_exec"],
        drainSeconds: 20,
      },
    },
  });

/** What differs between applies. */
export interface ShopProps {
  /** What the set-up does before it is done. @default - looks for the database */
  readonly script?: string;
  /** @default [] */
  readonly inputs?: readonly string[];
  /** Of the service. */
  readonly version: string;
  /** File with a line for each set-up that has succeeded. @default - that of the worker */
  readonly done?: string;
  /** @default - a server of the fleet */
  readonly connection?: SshConnection;
}

/** A service, and the set-up that comes before it. */
export function shop(scope: Construct, { script, inputs = [], version, done = DONE, connection }: ShopProps): void {
  const look = `[ -e ${DATABASE} ] || { echo "no database at ${DATABASE}" >&2; exit 3; }`;
  const job = scriptJob("migrate", `${script ?? look}\ndate +%s >>${done}`, { nodePool: "general" });
  const migrate = new SetupJob(scope, "Migrate", {
    job,
    inputs,
    timeout: "1m",
    ...(connection === undefined ? {} : { connection }),
  });
  const api = scriptJob("api", "exec sleep 100000", { nodePool: "general", type: "service", meta: { version } });
  const update = {
    healthCheck: "task_states",
    minHealthyTime: "1s",
    healthyDeadline: "1m",
    progressDeadline: "2m",
  } as const;
  const { work } = api.groups;
  const groups = { work: { tasks: work?.tasks ?? {} } };
  migrate.then(new NomadJob(scope, "Api", { detach: false, job: { ...api, update, groups } }));
}
