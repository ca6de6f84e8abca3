import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labSshAgent } from "../../lab/operator";
import { describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { DATABASE, DONE, type ShopProps, WORKER } from "../helpers/lab-setup";

jest.setTimeout(580_000);

const fleetText = (props: ShopProps): string => `
import type { Construct } from "constructs";
import { setupFleet, shop } from "../../__tests__/helpers/lab-setup";

export const fleet = setupFleet();
export const workloads = { east: (scope: Construct) => shop(scope, ${JSON.stringify(props)}) };
`;

interface Job {
  readonly ID: string;
  readonly ParentID: string;
}

describeInLab("a set-up and the service after it", () => {
  const fixture = join(root, "dist", "fleets", "lab-setup.ts");
  let env: Record<string, string> = {};

  const fleetSays = (props: ShopProps) => writeFileSync(fixture, fleetText(props));
  const about = async (...args: readonly string[]) => await steppe([...args, "--fleet", fixture]);
  const succeed = async (...args: readonly string[]) => {
    const ran = await about(...args);
    expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
    return ran;
  };
  const apply = async () => await about("apply", "jobs-east", "--yes", "--json");
  /** What an apply that succeeded says of the stack. */
  const applied = async () => {
    const { out } = await succeed("apply", "jobs-east", "--yes", "--json");
    return (JSON.parse(out) as readonly { readonly status: string }[]).map(({ status }) => status);
  };
  const api = async <T>(path: string) => {
    const { code, out } = await nomad(env, `operator api '${path}' </dev/null`);
    // The command ends well also when Nomad has nothing by that name, and prints what it said.
    return code === 0 && out.trim() !== "job not found" ? (JSON.parse(out) as T) : undefined;
  };
  const runs = async () =>
    ((await api<readonly Job[]>("/v1/jobs")) ?? []).filter(({ ParentID }) => ParentID === "migrate").length;
  const setUps = async () => Number((await on(WORKER, `cat ${DONE} 2>/dev/null | wc -l`)).out);
  const version = async () => (await api<{ Meta: Record<string, string> }>("/v1/job/api"))?.Meta["version"];
  const allocation = async () =>
    ((await api<readonly { ID: string; ClientStatus: string }[]>("/v1/job/api/allocations")) ?? [])
      .filter(({ ClientStatus }) => ClientStatus === "running")
      .map(({ ID }) => ID);

  beforeAll(async () => {
    mkdirSync(join(fixture, ".."), { recursive: true });
    fleetSays({ version: "1" });
    await steppe(["lab", "down"]);
    const { code, err } = await about("lab", "up");
    if (code !== 0) throw new Error(err);
  });
  afterAll(async () => {
    const { code, err } = await steppe(["lab", "down"]);
    if (code !== 0) throw new Error(err);
  });

  test("fails the apply when it fails, says why, and the service does not come", async () => {
    const { code, err } = await about("apply", "--yes");
    env = operatorEnvironment();
    expect(code).toBe(1);
    expect(err).toContain("set-up migrate has failed (migrate/dispatch-");
    expect(err).toMatch(/allocation [0-9a-f-]{36} \(work\) on general-1: failed/);
    expect(err).toContain("task script: Exit Code: 3");
    expect(err).toContain(`no database at ${DATABASE}`);
    expect(err).toContain("mend the cause and apply again");
    expect({ version: await version(), runs: await runs() }).toEqual({ version: undefined, runs: 1 });
  });

  test("runs again when nothing but the apply is repeated", async () => {
    const { code, err } = await apply();
    expect(code).toBe(1);
    expect(err).toContain(`no database at ${DATABASE}`);
    expect({ version: await version(), runs: await runs(), setUps: await setUps() }).toEqual({
      version: undefined,
      runs: 2,
      setUps: 0,
    });
  });

  test("succeeds once the cause is mended, and the same apply brings the service up", async () => {
    await on(WORKER, `touch ${DATABASE}`);
    expect(await applied()).toEqual(["changed"]);
    expect({ version: await version(), setUps: await setUps() }).toEqual({ version: "1", setUps: 1 });
    expect(await allocation()).toHaveLength(1);
  });

  test("is over: neither an apply nor a plan has anything to do, even after Nomad has forgotten the runs", async () => {
    expect(await applied()).toEqual(["unchanged"]);
    await nomad(env, "system gc");
    await eventually(60, "Nomad has forgotten the runs", async () => (await runs()) === 0);
    expect((await succeed("plan", "jobs-east", "--json")).out).toContain('"unchanged"');
    expect(await applied()).toEqual(["unchanged"]);
    expect(await setUps()).toBe(1);
  });

  test("that has changed and fails leaves the running service as it is, though that has changed too", async () => {
    const before = await allocation();
    fleetSays({ version: "2", script: "echo 'column price is missing' >&2; exit 5" });
    const { code, err } = await apply();
    expect(code).toBe(1);
    expect(err).toContain("task script: Exit Code: 5");
    expect(err).toContain("column price is missing");
    expect({ version: await version(), allocation: await allocation() }).toEqual({ version: "1", allocation: before });
  });

  test("that is corrected runs, and then the service changes: a plain second apply", async () => {
    fleetSays({ version: "2", script: "true" });
    expect(await applied()).toEqual(["changed"]);
    expect({ version: await version(), setUps: await setUps() }).toEqual({ version: "2", setUps: 2 });
  });

  test("does not run when the service alone changes", async () => {
    fleetSays({ version: "3", script: "true" });
    expect(await applied()).toEqual(["changed"]);
    expect({ version: await version(), setUps: await setUps() }).toEqual({ version: "3", setUps: 2 });
  });

  test("runs by cdktf deploy, here since what it depends on has changed", async () => {
    fleetSays({ version: "3", script: "true", inputs: ["schema 2"] });
    const cdktf =
      "exec node_modules/.bin/cdktf deploy lab-jobs-east --auto-approve --skip-provider-lock --ignore-missing-stack-dependencies";
    const ran = await on("operator", cdktf, { ...env, STEPPE_FLEET: fixture, SSH_AUTH_SOCK: labSshAgent(), CI: "1" });
    expect({ code: ran.code, out: ran.code === 0 ? "" : `${ran.out}${ran.err}` }).toEqual({ code: 0, out: "" });
    expect(await setUps()).toBe(3);
    expect(await applied()).toEqual(["unchanged"]);
  });

  test("goes after the service when all is taken away", async () => {
    const { err } = await succeed("destroy", "jobs-east", "--yes");
    const order = ["nomad_job.Api", "terraform_data.Migrate_Success", "nomad_job.Migrate_Template"];
    const times = order.map((address) => err.indexOf(`delete ${address}`));
    expect(times).not.toContain(-1);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(await setUps()).toBe(3);
  });

  test("runs once by the nomad command, where there is no provider", async () => {
    const ran = await about("lab", "run", "--without-provider");
    expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
    expect({ version: await version(), setUps: await setUps() }).toEqual({ version: "3", setUps: 4 });
    await about("lab", "run", "--without-provider");
    expect(await setUps()).toBe(4);
  });
});
