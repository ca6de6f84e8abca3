import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import { postgresJob } from "../../constructs/services/postgres";
import { redisJob } from "../../constructs/services/redis";
import { run } from "../../ops/process";
import { projectDirectory } from "../../ops/project";
import { loadTrust } from "../../ops/trust/trust";
import { fleetOf } from "../ai/patterns/pattern";
import { Checkout, removeCheckouts } from "../helpers/checkout";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import { describeWithPostgres, postgresPrograms } from "../helpers/postgres";
import { NomadFront } from "../helpers/stand-ins/nomad-front";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(300_000);

/** With everything that a configuration, SQL and a password file must escape. */
const PASSWORD = String.raw`correct horse:'"battery\staple`;
const fleet = fleetOf({ region: "eu-onprem" });
const pool = fleet.pools["h100"];

interface Allocation {
  readonly ID: string;
  readonly ClientStatus: string;
  readonly DeploymentStatus?: { readonly Healthy?: boolean };
  readonly JobVersion: number;
}

interface Service {
  readonly Address: string;
  readonly Port: number;
}

describeWithTool("nomad", "data services, by a real Nomad", () => {
  const directory = mkdtempSync(join(tmpdir(), "steppe-data-"));
  let nomad: NomadAgents;
  let front: NomadFront;
  let checkout: Checkout;

  beforeAll(async () => {
    execFileSync("chmod", ["755", directory]);
    for (const name of ["redis", "postgres"]) execFileSync("mkdir", [join(directory, name)]);
    // As a pool's host volume has an owner; where the user is missing, so is the program.
    for (const name of ["redis", "postgres"]) spawnSync("chown", [`${name}:`, join(directory, name)]);
    nomad = await startNomad({
      clients: [
        {
          name: "one",
          drivers: ["exec"],
          hostVolumes: { redis: { path: join(directory, "redis") }, postgres: { path: join(directory, "postgres") } },
          hostNetworks: { tailscale: { cidr: "127.0.0.0/8" } },
          clientBlock: { chroot_env: chroot() },
        },
      ],
    });
    checkout = new Checkout();
    if ((await checkout.run("trust", "init")) !== 0) throw new Error(checkout.errors);
    front = await NomadFront.start(loadTrust("pilot", checkout), "home", nomad.address);
    Object.assign(checkout.env, front.env);
  });
  afterAll(async () => {
    await nomad.stop();
    await front.stop();
    removeCheckouts();
    rmSync(directory, { recursive: true });
  });

  /** `./steppe secret put variable`, as a process of its own. */
  async function put(input: string, ...argv: readonly string[]) {
    const pilot = join(checkout.project, "fleets", "pilot.ts");
    const command = [join(projectDirectory, "steppe"), "secret", "put", "variable", ...argv, "--fleet", pilot];
    return await run([process.execPath, ...command], { env: checkout.env, input });
  }

  /** Runs a version of a job until its allocation is healthy, and tells where its service is. */
  async function deployed(job: Job): Promise<Service> {
    await nomad.post("/v1/jobs", { Job: renderJob(job) });
    const { Version } = (await nomad.get(`/v1/job/${job.id}`)) as { readonly Version: number };
    await waitFor(
      120,
      `${job.id} is healthy`,
      async () => {
        const all = (await nomad.get(`/v1/job/${job.id}/allocations`)) as readonly Allocation[];
        return all.find(
          (one) =>
            one.ClientStatus === "running" && one.JobVersion === Version && one.DeploymentStatus?.Healthy === true,
        );
      },
      () => JSON.stringify(job.id),
    );
    return await serviceOf(job.id);
  }

  async function serviceOf(job: string): Promise<Service> {
    return await waitFor(30, `${job} is registered`, async () => {
      const [found] = (await nomad.get(`/v1/service/${job}`)) as readonly Service[];
      return found;
    });
  }

  describeWithTool("redis-server", "a real Redis", (server) => {
    const options = {
      name: "queue",
      pool: "h100",
      runtime: { kind: "installed", command: server } as const,
      memory: "128MiB",
      cpu: "100MHz",
    } as const;

    const redis = ({ Address, Port }: Service, password: string, ...command: readonly string[]): string =>
      execFileSync("redis-cli", ["-h", Address, "-p", String(Port), "--no-auth-warning", ...command], {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], ...(password === "" ? {} : { REDISCLI_AUTH: password }) },
      }).trim();

    test("has the password of its variable, refuses others, and keeps its data over a restart and a new password", async () => {
      expect(await put(PASSWORD, "nomad/jobs/queue", "password")).toMatchObject({
        code: 0,
        stdout: "made password of nomad/jobs/queue (region home)\n",
      });
      const job = here(redisJob(options, place(), "machine"), "redis");
      const first = await deployed(job);
      expect(redis(first, PASSWORD, "SET", "answer", "42")).toBe("OK");
      expect(redis(first, "wrong", "GET", "answer")).toContain("NOAUTH");
      expect(redis(first, "", "GET", "answer")).toContain("NOAUTH");

      const again = await deployed({ ...job, meta: { version: "2" } });
      expect(redis(again, PASSWORD, "GET", "answer")).toBe("42");

      expect((await put("another-one", "nomad/jobs/queue", "password", "--rotate")).code).toBe(0);
      await waitFor(60, "the new password holds", async () => {
        const now = await serviceOf("queue");
        return asked(() => redis(now, "another-one", "GET", "answer")) === "42" || undefined;
      });
      expect(redis(await serviceOf("queue"), PASSWORD, "GET", "answer")).toContain("NOAUTH");
    });
  });

  describeWithPostgres("a real PostgreSQL", (programs) => {
    const options = {
      name: "shop",
      pool: "h100",
      database: "orders",
      runtime: { kind: "installed", command: join(programs, "postgres") } as const,
      memory: "256MiB",
      cpu: "200MHz",
    } as const;

    const sql = ({ Address, Port }: Service, password: string, text: string): string => {
      const login = ["-h", Address, "-p", String(Port), "-U", "ada", "-d", "orders", "-w", "-At", "-c", text];
      return execFileSync(join(programs, "psql"), login, {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], PGPASSWORD: password },
        stdio: "pipe",
      }).trim();
    };

    test("has user and password of its variable, refuses others, and keeps its data over a restart and a new password", async () => {
      const credentials = JSON.stringify({ username: "ada", password: PASSWORD });
      expect((await put(credentials, "nomad/jobs/shop", "--from-stdin")).code).toBe(0);
      const job = here(postgresJob(options, place(), "machine"), "postgres");
      const first = await deployed(job);
      sql(first, PASSWORD, "CREATE TABLE line AS SELECT n FROM generate_series(1, 100) n");
      expect(() => sql(first, "wrong", "SELECT 1")).toThrow("password authentication failed");

      const again = await deployed({ ...job, meta: { version: "2" } });
      expect(sql(again, PASSWORD, "SELECT count(*) FROM line")).toBe("100");

      expect((await put("another-one", "nomad/jobs/shop", "password", "--rotate")).code).toBe(0);
      await waitFor(60, "the new password holds", async () => {
        const now = await serviceOf("shop");
        return asked(() => sql(now, "another-one", "SELECT count(*) FROM line")) === "100" || undefined;
      });
      const last = await serviceOf("shop");
      expect(() => sql(last, PASSWORD, "SELECT 1")).toThrow("password authentication failed");
    });
  });
});

/** What a program said, or nothing where it failed. */
function asked(ask: () => string): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

function place() {
  if (pool === undefined) throw new Error("no pool h100");
  return { fleet, region: "eu-onprem", poolName: "h100", pool };
}

/** The job on the agents of the test: their pool, with its volume, as its mounts would add it. */
function here(job: Job, volume: string): Job {
  const groups = Object.entries(job.groups).map(([name, group]) => {
    const tasks = Object.entries(group.tasks).map(([task, given]) => {
      const isMounted = task !== "ready";
      return [
        task,
        isMounted ? { ...given, volumeMounts: [{ volume: "data", destination: "/data" }] } : given,
      ] as const;
    });
    const volumes = { data: { type: "host", source: volume } as const };
    return [name, { ...group, volumes, tasks: Object.fromEntries(tasks) }] as const;
  });
  return { ...job, nodePool: "default", groups: Object.fromEntries(groups) };
}

/** What tasks have of the machine: programs with their libraries, and whom it knows. All of /usr would be copied for each task. */
function chroot(): Readonly<Record<string, string>> {
  const shell = ["sh", "cat", "sed", "tr", "mv", "rm", "grep", "chown"].map((name) => `/bin/${name}`);
  const programs = [...shell, ...["/usr/bin/redis-server", "/usr/bin/redis-cli"].filter((path) => existsSync(path))];
  const postgres = postgresPrograms();
  const ofPostgres = postgres === undefined ? [] : ["postgres", "initdb", "psql"].map((name) => join(postgres, name));
  const loaded = [...programs, ...ofPostgres].map((path) =>
    execFileSync("ldd", [realpathSync(path)], { encoding: "utf8" }),
  );
  const libraries = [...loaded.join("").matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  const trees = ["/usr/lib/locale/C.utf8", "/usr/share/zoneinfo", "/etc/passwd", "/etc/group"];
  if (postgres !== undefined) trees.push(dirname(postgres), dirname(postgres).replace("/lib/", "/share/"));
  // A link would lead to where nothing is.
  return Object.fromEntries(
    [...programs, ...libraries, ...trees].filter((path) => existsSync(path)).map((path) => [realpathSync(path), path]),
  );
}
