import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import type { Task } from "../../constructs/jobspec/task";
import { backupJob, restoreJob } from "../../constructs/services/backup-jobs";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import { describeWithPostgres, type Postgres, startPostgres } from "../helpers/postgres";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(180_000);

/** With everything that a password file must escape. */
const PASSWORD = String.raw`correct horse:"battery\staple`;
const VARIABLE = "nomad/jobs/backup-shop";
const options = {
  name: "shop",
  nodePool: "default",
  database: { engine: "postgres", service: "shop-db", credentials: VARIABLE, database: "shop" },
} as const;

interface Allocation {
  readonly ID: string;
  readonly ClientStatus: string;
}

describeWithTool("nomad", "backups of a database, by a real Nomad", () => {
  describeWithPostgres("of a real PostgreSQL", (programs) => {
    const backups = mkdtempSync(join(tmpdir(), "steppe-backups-"));
    let nomad: NomadAgents;
    let database: Postgres;

    beforeAll(async () => {
      database = await startPostgres(programs, PASSWORD);
      database.sql("postgres", "CREATE DATABASE shop");
      database.sql("shop", "CREATE TABLE orders AS SELECT n AS id FROM generate_series(1, 500) n");
      nomad = await startNomad({ clients: [{ name: "one" }] });
      const Items = { username: "postgres", password: PASSWORD };
      await nomad.post(`/v1/var/${VARIABLE}`, { Namespace: "default", Path: VARIABLE, Items });
      await nomad.post("/v1/jobs", { Job: renderJob(databaseJob(database.port)) });
      for (const job of [backupJob(options), restoreJob(options)])
        if (job !== undefined) await nomad.post("/v1/jobs", { Job: renderJob(withoutContainer(job, backups)) });
    });
    afterAll(async () => {
      await nomad.stop();
      database.stop();
      rmSync(backups, { recursive: true });
    });

    /** Waits for the only allocation of a job's run, and tells what it said. */
    async function ended(job: string): Promise<{ readonly status: string; readonly said: string }> {
      const [alloc] = await waitFor(60, `${job} has ended`, async () => {
        const all = (await nomad.get(`/v1/job/${encodeURIComponent(job)}/allocations`)) as readonly Allocation[];
        return all.length > 0 && all.every(({ ClientStatus }) => /complete|failed/.test(ClientStatus))
          ? all
          : undefined;
      });
      const logs = ["stdout", "stderr"].map((type) =>
        nomad.text(`/v1/client/fs/logs/${alloc?.ID ?? ""}?task=backup&type=${type}&plain=true`),
      );
      return { status: alloc?.ClientStatus ?? "none", said: (await Promise.all(logs)).join("") };
    }

    async function backup() {
      const { EvalID } = (await nomad.post("/v1/job/backup-shop/periodic/force", {})) as { readonly EvalID: string };
      const evaluation = (await nomad.get(`/v1/evaluation/${EvalID}`)) as { readonly JobID: string };
      return await ended(evaluation.JobID);
    }

    async function restore(Meta: Readonly<Record<string, string>>) {
      const { DispatchedJobID } = (await nomad.post("/v1/job/restore-shop/dispatch", { Meta })) as {
        readonly DispatchedJobID: string;
      };
      return await ended(DispatchedJobID);
    }

    const orders = () => database.sql("shop", "SELECT count(*) FROM orders");

    test("what was deleted after the backup is there again after the restore", async () => {
      expect(await backup()).toEqual({
        status: "complete",
        said: expect.stringMatching(/^wrote shop\/shop-.*\.dump/) as string,
      });
      expect(readdirSync(join(backups, "shop")).filter((name) => name.endsWith(".dump"))).toHaveLength(1);
      database.sql("shop", "DELETE FROM orders WHERE id > 10");
      expect(await restore({ database: "shop", backup: "latest" })).toEqual({
        status: "complete",
        said: expect.stringMatching(/^restored shop from shop-/) as string,
      });
      expect(orders()).toBe("500");
    });

    test("a restore that does not name the database changes nothing", async () => {
      database.sql("shop", "DELETE FROM orders WHERE id > 10");
      expect(await restore({ database: "shops", backup: "latest" })).toMatchObject({
        status: "failed",
        said: expect.stringContaining("dispatch with -meta database=shop") as string,
      });
      expect(orders()).toBe("10");
    });
  });
});

/** Says where the database is, as a job that ran it would. */
function databaseJob(port: number): Job {
  return {
    id: "shop-db",
    groups: {
      db: {
        network: { ports: { db: { static: port } } },
        services: [{ name: "shop-db", provider: "nomad", port: "db", address: "127.0.0.1" }],
        tasks: {
          db: {
            driver: "raw_exec",
            config: { command: "/bin/sleep", args: ["600"] },
            resources: { cpu: "50MHz", memory: "16MiB" },
          },
        },
      },
    },
  };
}

/** Stands for the container: the same script, with the machine's own pg_dump and a directory in place of the volume. */
function withoutContainer(job: Job, directory: string): Job {
  const { backup: group } = job.groups;
  const task = group?.tasks["backup"] as Task;
  const bare: Task = {
    templates: task.templates ?? [],
    resources: task.resources ?? {},
    driver: "raw_exec",
    config: { command: "/bin/sh", args: ["${NOMAD_TASK_DIR}/run"] },
    env: { ...task.env, BACKUPS: directory },
  };
  return { ...job, groups: { backup: { ...group, tasks: { backup: bare } } } };
}
