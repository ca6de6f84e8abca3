import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backupScript, NEO4J, POSTGRES, restoreScript, SURREALDB } from "../../constructs/services/backup-scripts";
import { type Ended, ScriptHome } from "../helpers/machine-script";
import { describeWithPostgres, type Postgres, startPostgres } from "../helpers/postgres";

jest.setTimeout(120_000);

/** An engine whose dump is the text of a file, and whose restore writes it back. */
const FILES = `dump() { cat "$DATABASE" >"$1"; [ "\${SLOW:-}" = "" ] || sleep "$SLOW"; }
check() { grep -q whole "$1"; }
restore() { cat "$1" >"$DATABASE"; }
`;

/** A directory of backups, and the jobs' scripts with an engine. */
class Backups {
  public readonly home = new ScriptHome();

  constructor(
    engine: string,
    private readonly more: Readonly<Record<string, string>> = {},
  ) {
    this.home.put("/backup", backupScript(engine, "dump"));
    this.home.put("/restore", restoreScript(engine, "dump"));
  }

  public backup(env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.home.run("/backup", [], { ...this.environment(), ...env });
  }

  public restore(backup: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const meta = { NOMAD_META_database: "shop", NOMAD_META_backup: backup };
    return this.home.run("/restore", [], { ...this.environment(), ...meta, ...env });
  }

  /** Names of whole backups. */
  public files(): readonly string[] {
    return readdirSync(this.directory).filter((name) => name.endsWith(".dump"));
  }

  public get directory(): string {
    return this.home.path("backups/shop");
  }

  private environment(): Readonly<Record<string, string>> {
    const BACKUPS = this.home.path("backups");
    return {
      BACKUPS,
      NAME: "shop",
      KEEP_DAYS: "7",
      KEEP_LEAST: "2",
      DATABASE: this.home.path("database"),
      ...this.more,
    };
  }
}

describe("backup and restore", () => {
  let backups: Backups;
  let database: string;

  beforeEach(() => {
    backups = new Backups(FILES);
    database = backups.home.path("database");
    writeFileSync(database, "whole 1");
  });
  afterEach(() => backups.home.remove());

  /** A backup that was taken so many days ago. */
  function old(days: number): string {
    const then = new Date(Date.now() - days * 86_400_000 - 60_000);
    const name = `shop-${then.toISOString().replaceAll(/[-:]|\.\d+/g, "")}.dump`;
    for (const file of [name, `${name}.sha256`]) {
      writeFileSync(join(backups.directory, file), "whole");
      utimesSync(join(backups.directory, file), then, then);
    }
    return name;
  }

  test("brings back what was there, with a sum beside it and nothing else left", async () => {
    expect(await backups.backup()).toMatchObject({ status: 0, stdout: expect.stringContaining("7 bytes") as string });
    const [file] = backups.files();
    expect(file).toMatch(/^shop-\d{8}T\d{6}Z\.dump$/);
    expect(readdirSync(backups.directory).sort()).toEqual([".lock", file, `${file ?? ""}.sha256`]);
    writeFileSync(database, "whole 2");
    expect(await backups.restore("latest")).toMatchObject({ status: 0 });
    expect(readFileSync(database, "utf8")).toBe("whole 1");
  });

  test("throws away what is not whole, and keeps what there was", async () => {
    await backups.backup();
    const before = backups.files();
    writeFileSync(database, "half");
    expect(await backups.backup()).toMatchObject({ status: 1, stderr: expect.stringContaining("not whole") as string });
    expect(backups.files()).toEqual(before);
    expect(readdirSync(backups.directory).filter((name) => name.startsWith(".partial"))).toEqual([]);
  });

  test("deletes what is too old, with its sum", async () => {
    await backups.backup();
    const [six, eight] = [old(6), old(8)];
    expect(await backups.backup()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`deleted shop/${eight}: older than 7 days`) as string,
    });
    expect(backups.files()).toContain(six);
    expect(readdirSync(backups.directory).filter((name) => name.startsWith(eight))).toEqual([]);
  });

  test("keeps the newest, however old", async () => {
    await backups.backup();
    rmSync(join(backups.directory, backups.files()[0] ?? ""));
    const [month, year] = [old(30), old(365)];
    await backups.backup();
    expect(backups.files()).toContain(month);
    expect(backups.files()).not.toContain(year);
  });

  test("lets one backup at a time through", async () => {
    const slow = backups.backup({ SLOW: "2" });
    await new Promise((done) => setTimeout(done, 700));
    expect(await backups.backup()).toMatchObject({ status: 1, stderr: expect.stringContaining("at work") as string });
    expect((await slow).status).toBe(0);
  });

  test.each([
    ["another name than the database's", "latest", { NOMAD_META_database: "shops" }, "-meta database=shop"],
    ["a path", "../shop", {}, "must be the name of a file"],
    ["a backup that is not there", "shop-none.dump", {}, "there is no backup shop-none.dump of shop; there are: shop-"],
  ])("restores nothing with %s", async (_, backup, env, message) => {
    await backups.backup();
    writeFileSync(database, "whole 2");
    expect(await backups.restore(backup, env)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(message) as string,
    });
    expect(readFileSync(database, "utf8")).toBe("whole 2");
  });

  test("restores nothing from a file that is not what was written", async () => {
    await backups.backup();
    writeFileSync(join(backups.directory, backups.files()[0] ?? ""), "whole, but changed");
    expect(await backups.restore("latest")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("nothing was changed") as string,
    });
    expect(readFileSync(database, "utf8")).toBe("whole 1");
  });
});

test.each([
  ["PostgreSQL", POSTGRES],
  ["SurrealDB", SURREALDB],
  ["Neo4j", NEO4J],
])("the scripts of %s are well-formed", async (_, engine) => {
  const home = new ScriptHome();
  home.put("/backup", backupScript(engine, "dump"));
  home.put("/restore", restoreScript(engine, "dump"));
  home.put("/parse", `sh -n ${home.path("/backup")} && sh -n ${home.path("/restore")}\n`);
  expect(await home.run("/parse", [], {})).toEqual({ status: 0, stdout: "", stderr: "" });
  home.remove();
});

describeWithPostgres("with a real PostgreSQL", (programs) => {
  const PASSWORD = "a-pass:word";
  let server: Postgres;
  let backups: Backups;

  beforeAll(async () => {
    server = await startPostgres(programs, PASSWORD);
    backups = new Backups(POSTGRES, {
      PGHOST: "127.0.0.1",
      PGPORT: String(server.port),
      PGUSER: "postgres",
      PGDATABASE: "shop",
      PGPASSWORD: PASSWORD,
    });
    server.sql("postgres", "CREATE DATABASE shop");
    server.sql("shop", "CREATE TABLE orders (id int primary key, what text)");
    server.sql("shop", "INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, 1000) n");
  });
  afterAll(() => {
    server.stop();
    backups.home.remove();
  });

  const orders = () => server.sql("shop", "SELECT count(*), md5(string_agg(what, ',' ORDER BY id)) FROM orders");

  test("a restored database holds what it held, and nothing that came later", async () => {
    const before = orders();
    expect(await backups.backup()).toMatchObject({ status: 0, stderr: "" });
    server.sql("shop", "DELETE FROM orders WHERE id > 500");
    server.sql("shop", "INSERT INTO orders VALUES (2000, 'later')");
    expect(await backups.restore("latest")).toMatchObject({ status: 0, stderr: "" });
    expect(orders()).toBe(before);
  });

  test("a restore that fails half-way changes nothing", async () => {
    await backups.backup();
    server.sql("shop", "CREATE VIEW big AS SELECT * FROM orders WHERE id > 10");
    server.sql("shop", "DELETE FROM orders WHERE id > 500");
    const before = orders();
    expect(await backups.restore("latest")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("big") as string,
    });
    expect(orders()).toBe(before);
    server.sql("shop", "DROP VIEW big");
  });

  test("a server that is away leaves no backup behind", async () => {
    const before = backups.files();
    expect((await backups.backup({ PGPORT: "1" })).status).not.toBe(0);
    expect(backups.files()).toEqual(before);
  });
});
