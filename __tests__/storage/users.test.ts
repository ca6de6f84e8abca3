import { ModelCache, type ModelCacheProps } from "../../constructs/ai/model-cache";
import { DatabaseBackup } from "../../constructs/services/database-backup";
import { CsiDriver } from "../../model/csi-drivers";
import type { Fleet } from "../../model/types";
import type { Volume } from "../../model/volume-types";
import type { Workloads } from "../../stacks/program";
import { smallFleet, spoil } from "../helpers/fleet";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";

interface ApiJob {
  readonly ID: string;
  readonly Type: string;
  readonly TaskGroups: readonly [
    {
      readonly Volumes: Readonly<Record<string, object>>;
      readonly Tasks: readonly [{ readonly VolumeMounts: readonly object[] }];
    },
  ];
}

/** Region north with a share for backups and models. */
function storageFleet(models: Partial<Volume> = {}): Fleet {
  const share = { kind: "nfs", plugin: "nfs", server: "10.1.0.5" } as const;
  const fleet = spoil(smallFleet(), "services.shop-db", { port: "dynamic", pools: ["gpu"], callers: ["gpu"] });
  return spoil(fleet, "regions.north.storage", {
    plugins: { nfs: { driver: CsiDriver.nfs(), pools: ["gpu"] } },
    volumes: { backups: { ...share, share: "/backups" }, "hf-cache": { ...share, share: "/models", ...models } },
  });
}

function jobsOf(
  fleet: Fleet,
  north: Workloads[string],
): { readonly stack: StackDocument; readonly jobs: readonly ApiJob[] } {
  const stack = synthesizeFleet(fleet, { workloads: { north }, trust: publicTrustOf(fleet) }).get("small-jobs-north");
  if (stack === undefined) throw new Error("no jobs stack");
  const specs = Object.values(stack.resource?.["nomad_job"] ?? {}).map(
    ({ jobspec }) => JSON.parse(String(jobspec)) as { Job?: ApiJob },
  );
  return { stack, jobs: specs.map((spec) => spec.Job ?? (spec as unknown as ApiJob)) };
}

describe("ModelCache", () => {
  const cacheOf = (fleet: Fleet, more: Partial<ModelCacheProps> = {}) =>
    jobsOf(fleet, (scope) => {
      new ModelCache(scope, "Models", {
        name: "models",
        volume: "hf-cache",
        nodePool: "gpu",
        models: [{ repository: "acme/a" }],
        ...more,
      });
    }).jobs;

  test("fetches once into a share, and on every machine into its own directory", () => {
    expect(cacheOf(storageFleet()).map(({ ID, Type }) => [ID, Type])).toEqual([
      ["evict-models", "batch"],
      ["prewarm-models", "batch"],
    ]);
    expect(cacheOf(smallFleet(), { volume: "models" }).map(({ Type }) => Type)).toEqual(["sysbatch", "sysbatch"]);
  });

  test("mounts the share for many writers", () => {
    for (const { TaskGroups } of cacheOf(storageFleet())) {
      expect(Object.values(TaskGroups[0].Volumes)).toEqual([
        expect.objectContaining({ Source: "hf-cache", Type: "csi", AccessMode: "multi-node-multi-writer" }),
      ]);
      expect(TaskGroups[0].Tasks[0].VolumeMounts).toEqual([expect.objectContaining({ Destination: "/cache" })]);
    }
  });

  test.each(["nolock", "local_lock=all"])("refuses a share that is mounted with %s", (flag) => {
    expect(() => cacheOf(storageFleet({ mountFlags: ["nfsvers=4.1", flag] }))).toThrow(
      "volume.mountFlags: must not keep locks on the machine",
    );
  });

  test("gives a task that only reads its mount and environment", () => {
    const uses: unknown[] = [];
    jobsOf(storageFleet(), (scope) => {
      const cache = new ModelCache(scope, "Models", { name: "models", volume: "hf-cache", nodePool: "gpu" });
      uses.push(cache.use({ group: "server", task: "vllm", readOnly: true }));
    });
    expect(uses).toEqual([
      {
        mount: { volume: "hf-cache", group: "server", task: "vllm", destination: "/models", readOnly: true },
        env: expect.objectContaining({ HF_HOME: "/models", HF_HUB_OFFLINE: "1" }) as unknown,
      },
    ]);
  });
});

describe("DatabaseBackup", () => {
  const { stack, jobs } = jobsOf(storageFleet(), (scope) => {
    new DatabaseBackup(scope, "ShopBackup", {
      name: "shop",
      nodePool: "gpu",
      volume: "backups",
      database: { engine: "postgres", service: "shop-db", credentials: "nomad/jobs/backup-shop", database: "shop" },
    });
  });

  test("both jobs mount the volume", () => {
    expect(jobs.map(({ ID }) => ID)).toEqual(["backup-shop", "restore-shop"]);
    for (const { TaskGroups } of jobs)
      expect(Object.values(TaskGroups[0].Volumes)).toEqual([expect.objectContaining({ Source: "backups" })]);
  });

  test("the restoring job may read the credentials, and nothing else", () => {
    expect(Object.values(stack.resource?.["nomad_acl_policy"] ?? {})).toEqual([
      expect.objectContaining({
        job_acl: { job_id: "restore-shop", namespace: "default" },
        rules_hcl: expect.stringContaining('path "nomad/jobs/backup-shop"') as string,
      }),
    ]);
  });
});
