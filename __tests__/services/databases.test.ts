import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ValidationError } from "../../constructs/core/problems";
import type { Group } from "../../constructs/jobspec/group";
import { renderJob } from "../../constructs/jobspec/render";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { DatabaseBackup } from "../../constructs/services/database-backup";
import { Neo4j } from "../../constructs/services/neo4j";
import { Postgres } from "../../constructs/services/postgres";
import { Redis } from "../../constructs/services/redis";
import { fleet as example } from "../../examples/fleet";
import { neo4j } from "../../examples/services/neo4j";
import { redis } from "../../examples/services/redis";
import { surrealDb } from "../../examples/services/surrealdb";
import { servicePatterns } from "../ai/patterns/services";
import { fleetOf, jobsOf, type Pattern } from "../ai/patterns/pattern";

/** Jobs of databases themselves: those with a service. */
function databasesOf(pattern: Pattern): readonly Group[] {
  return jobsOf(pattern)
    .flatMap(({ groups }) => Object.values(groups))
    .filter(({ services }) => services !== undefined);
}

describe.each(Object.entries(servicePatterns))("%s", (_name, pattern) => {
  test("never runs twice on one volume", () => {
    for (const job of jobsOf(pattern)) expect(job.update?.canary).toBeUndefined();
    for (const group of databasesOf(pattern)) expect(group.count).toBe(1);
  });

  test("has no password in arguments, and none outside of the task's secrets", () => {
    for (const job of jobsOf(pattern)) {
      const { templates, rest } = split(job.groups);
      expect(JSON.stringify(rest)).not.toMatch(/nomadVar/);
      for (const { destination, data } of templates)
        expect(destination.startsWith("secrets/") || !/nomadVar/.test(data ?? "")).toBe(true);
      expect(JSON.stringify(renderJob(job))).not.toMatch(/--(pass|password|requirepass)\b/);
    }
  });

  test("gets time to stop, and has no floating image", () => {
    for (const { tasks } of databasesOf(pattern)) {
      expect(tasks["database"]).toMatchObject({
        killTimeout: "30s",
        killSignal: expect.stringMatching(/^SIG(TERM|INT)$/) as string,
      });
      for (const { config } of Object.values(tasks))
        expect(JSON.stringify(config)).toMatch(/"image":"[^"]+:v?\d+\.\d+/);
    }
  });
});

function split(groups: Readonly<Record<string, Group>>) {
  const tasks = Object.values(groups).flatMap((group) => Object.values(group.tasks));
  return {
    templates: tasks.flatMap(({ templates = [] }) => templates),
    rest: tasks.map(({ templates: _templates, ...rest }) => rest),
  };
}

test("the set-up job of Neo4j may read the database's variable, and its server needs no policy", () => {
  const document = synthesized(servicePatterns["neo4j"] as Pattern);
  expect(Object.values(document.resource.nomad_acl_policy ?? {})).toMatchObject([
    {
      job_acl: { job_id: "neo4j-setup", namespace: "default" },
      rules_hcl: expect.stringContaining('"nomad/jobs/neo4j"') as string,
    },
  ]);
});

test("jobs of backups may read the database's variable", () => {
  const document = synthesized(servicePatterns["postgres"] as Pattern);
  const policies = Object.values(document.resource.nomad_acl_policy ?? {}) as { job_acl: { job_id: string } }[];
  expect(policies.map(({ job_acl }) => job_acl.job_id).sort()).toEqual(["backup-shop-db", "restore-shop-db"]);
});

function synthesized(pattern: Pattern) {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "pattern");
  const { region } = pattern;
  new RegionProvider(stack, "Region", { region, address: "https://nomad.example:4646", fleet: fleetOf(pattern) });
  pattern.build(stack);
  return stack.toTerraform() as { resource: { nomad_acl_policy?: Readonly<Record<string, unknown>> } };
}

/** What speaks against a pattern. */
function problemsOf(build: (scope: Construct) => unknown, services: Pattern["services"] = {}): readonly string[] {
  try {
    jobsOf({ region: "eu-onprem", services, build: (scope) => void build(scope) });
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.message.split("\n").slice(1);
  }
}

test("says what is wrong", () => {
  const shop = { "shop-db": { port: 5432, pools: ["h100"], callers: ["h100"] } } as const;
  expect(
    problemsOf(
      (scope) => new Postgres(scope, "Shop", { name: "shop-db", pool: "h100", volume: "models", database: "my-shop" }),
      shop,
    ),
  ).toEqual([
    '  - volume: is a directory of each of the 2 machines of pool h100: on another machine the database would begin empty, got "models"; use a volume of the region\'s storage: kind dynamic-host for one directory, or a CSI volume',
    '  - database: must be at most 63 lower-case letters, digits and _, and not begin with a digit, got "my-shop"; use _ in place of other characters',
  ]);
  const runtime = { kind: "installed", command: "redis-server" } as const;
  expect(
    problemsOf((scope) => new Redis(scope, "C", { name: "cache", pool: "h100", runtime, startMinutes: 0 })),
  ).toEqual([
    '  - runtime.command: must be an absolute path, got "redis-server"; write where it is installed, such as /usr/local/bin/server',
    "  - startMinutes: must be a whole number of at least 1, got 0",
  ]);
  const database = {
    engine: "postgres",
    service: "shop-db",
    credentials: "nomad/jobs/backup-shop",
    database: "shop",
  } as const;
  expect(
    problemsOf((scope) => {
      const days = { keepDays: 0, keepLeast: 0.5 };
      return new DatabaseBackup(scope, "B", { name: "shop", nodePool: "h100", volume: "backups", database, ...days });
    }),
  ).toEqual([
    "  - keepDays: must be a whole number of at least 1, got 0",
    "  - keepLeast: must be a whole number of at least 1, got 0.5",
  ]);
  expect(problemsOf((scope) => new Redis(scope, "C", { name: "cache", pool: "h100" }))).toEqual([
    '  - groups.database.services.0.name: must be declared by the fleet, else nothing can reach it, got "cache"; add `cache: { port: "dynamic", pools: ["h100"], callers: ["operators"] }` to the fleet\'s services',
  ]);
  expect(
    problemsOf(
      (scope) => new Postgres(scope, "Shop", { name: "shop-db", pool: "h100", volume: "hf-cache" }),
      shop,
    ).join(),
  ).toMatch(/PostgreSQL keeps its data, on NFS/);
  expect(
    problemsOf((scope) => {
      const backup = { volume: "database-backups", schedule: "@daily" };
      return new Neo4j(scope, "N", { name: "shop-db", pool: "h100", volume: "scratch", backup });
    }, shop),
  ).toEqual([
    '  - backup.schedule: cannot be kept: Neo4j Community is dumped before a start, while it stands still, got "@daily"; leave it out, and restart the job when a backup is wanted',
  ]);
});

test.each([
  ["redis", redis, "campus"],
  ["surrealdb", surrealDb, "home"],
  ["neo4j", neo4j, "home"],
] as const)("the example %s fits its fleet", (_name, build, region) => {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "example");
  new RegionProvider(stack, "Region", { region, address: "https://nomad.example:4646", fleet: example });
  expect(build(stack).job.checked.warnings).toEqual([]);
});

test("an installed program has no task as root, and its own user by name", () => {
  const pattern: Pattern = {
    ...(servicePatterns["postgres"] as Pattern),
    build: (scope) =>
      new Postgres(scope, "Shop", { name: "shop-db", pool: "h100", volume: "data", runtime: { kind: "installed" } }),
  };
  const [{ tasks }] = databasesOf(pattern) as [Group];
  expect(Object.entries(tasks).map(([name, { driver, user }]) => [name, driver, user])).toEqual([
    ["ready", "exec", "postgres"],
    ["database", "exec", "postgres"],
  ]);
  expect(tasks["database"]?.env).toMatchObject({ BIN: "/usr/lib/postgresql/17/bin", HOST: "${NOMAD_IP_db}" });
});
