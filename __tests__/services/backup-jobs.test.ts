import { renderJob } from "../../constructs/jobspec/render";
import { checkJob } from "../../constructs/jobspec/validate";
import { type BackedUpDatabase, backupJob, neo4jBackupTask, restoreJob } from "../../constructs/services/backup-jobs";

const credentials = "nomad/jobs/backup-shop";
const databases: readonly BackedUpDatabase[] = [
  { engine: "postgres", service: "shop-db", credentials, database: "shop" },
  { engine: "surrealdb", service: "shop-db", credentials, namespace: "shop", database: "shop" },
  { engine: "neo4j", image: "docker.io/library/neo4j:5.26.12-community" },
];
const options = (database: BackedUpDatabase) => ({ name: "shop", database, nodePool: "general" });

describe.each(databases.map((database) => [database.engine, database] as const))("%s", (engine, database) => {
  const jobs = [backupJob(options(database)), restoreJob(options(database))].filter((job) => job !== undefined);

  test("its jobs break no rule", () => {
    expect(jobs).toHaveLength(engine === "neo4j" ? 1 : 2);
    for (const job of jobs) expect(checkJob(job).problems).toEqual([]);
  });

  test("no job has a password: what has one is a file of its task's secrets", () => {
    for (const job of jobs) {
      const text = JSON.stringify(renderJob(job));
      expect(text).not.toMatch(/PGPASSWORD|--password=|:[^/"]*@/);
      for (const template of Object.values(job.groups)[0]?.tasks["backup"]?.templates ?? [])
        expect(template.destination.startsWith("secrets/") || !JSON.stringify(template).includes(".password")).toBe(
          true,
        );
    }
  });
});

test("a backup follows the clock in UTC, never two at a time; a restore waits to be told what", () => {
  const [postgres] = databases as [BackedUpDatabase];
  expect(backupJob(options(postgres))).toMatchObject({
    type: "batch",
    periodic: { crons: ["30 2 * * *"], prohibitOverlap: true, timeZone: "UTC" },
  });
  expect(restoreJob(options(postgres))).toMatchObject({
    type: "batch",
    parameterized: { metaRequired: ["database", "backup"] },
    groups: { backup: { restart: { attempts: 0, mode: "fail" } } },
  });
});

test("Neo4j is dumped before its server starts", () => {
  const neo4j = { engine: "neo4j", image: "docker.io/library/neo4j:5.26.12-community" } as const;
  expect(neo4jBackupTask("graph", neo4j)).toMatchObject({ lifecycle: { hook: "prestart" }, env: { NAME: "graph" } });
});
