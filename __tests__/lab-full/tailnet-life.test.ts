import { authKey, ensureControl, tailnetMachines } from "../../lab/control";
import { labReboot } from "../../lab/power";
import { endProcess, recorded } from "../../lab/processes";
import { requireState } from "../../lab/state";
import { fleet } from "../../fleets/lab";
import { identitiesOf } from "../../model/identities";
import { trustSpecOf } from "../../ops/trust/spec";
import { writeAuthKey } from "../../ops/trust/trust";
import { manyPorts, neededWays, scan, withoutAddress } from "../helpers/fleet-scan";
import { describeInLab, eventually, nomad, on, operatorEnvironment, steppe } from "../helpers/lab";
import { LiveTailnet } from "../helpers/reach-live";
import { headscale } from "../helpers/tailnet-lab";

jest.setTimeout(900_000);

const hosts = ["east-1", "east-2", "east-3", "west-1", "general-1", "gpu-1", "edge-1"];
/** How long the control server is away. Shorter for a try: STEPPE_OUTAGE_SECONDS=20 */
const outageSeconds = Number(process.env["STEPPE_OUTAGE_SECONDS"] ?? 300);

interface Allocation {
  readonly ID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly DesiredStatus: string;
}

let env: Record<string, string> = {};

const succeed = async (args: readonly string[]) => {
  const ran = await steppe(args);
  expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
  return ran;
};
const said = async (host: string, script: string) => (await on(host, script)).out.trim();
const sleep = async (seconds: number) => await new Promise((done) => setTimeout(done, seconds * 1000));
const allocations = async (job: string, server?: string) =>
  JSON.parse((await nomad(env, `job allocs -json ${job}`, server)).out) as Allocation[];
const running = async (job: string, host: string) =>
  (await allocations(job)).filter(
    (each) => each.NodeName === host && each.ClientStatus === "running" && each.DesiredStatus === "run",
  );
const isReady = async (host: string) =>
  new RegExp(`${host} .* eligible +ready`).test((await nomad(env, "node status", "east-1")).out);
const helloAnswers = async () =>
  (await on("edge-1", "curl -sf --max-time 2 http://general-1.lab.internal:8080/")).code === 0;
const leader = async () => /^(east-\d)\.east .* true /m.exec((await nomad(env, "server members", "east-1")).out)?.[1];
/** Which processes a machine runs, its tailnet address and its place in the tailnet. */
const self = async (host: string) =>
  await said(
    host,
    "systemctl show -p MainPID --value tailscaled nomad; tailscale ip; tailscale status --self --peers=false --json | jq -r .Self.PublicKey",
  );
const backendState = async (host: string) =>
  await said(host, "tailscale status --peers=false --json | jq -r .BackendState");
const nodeId = async (host: string) => {
  const nodes = JSON.parse(await headscale(["nodes", "list", "-o", "json"])) as { id: number; given_name: string }[];
  return String(nodes.find(({ given_name: name }) => name === host)?.id);
};

async function stopControl(): Promise<void> {
  const control = await recorded("control");
  if (control === undefined) throw new Error("the control server does not run");
  await endProcess(control, 5);
}

async function startControl(): Promise<void> {
  const { spec, tools } = await requireState();
  await ensureControl(spec, tools);
}

describeInLab("the life of a fleet's machines in their tailnet", () => {
  beforeAll(async () => {
    await steppe(["lab", "down"]);
    await succeed(["lab", "run"]);
    env = operatorEnvironment();
  });
  afterAll(async () => {
    await steppe(["lab", "down"]);
  });

  test("nothing is open that the fleet does not say, among all well-known ports of all machines", async () => {
    const tailnet = await LiveTailnet.open();
    try {
      await tailnet.echo(manyPorts.udp, [4648]);
      const { probes, open, allowed, answered } = await scan(tailnet, manyPorts);
      process.stdout.write(`full scan: ${JSON.stringify({ probes, open: open.length, answered: answered.size })}\n`);
      expect(open).toEqual(allowed);
      const heard = new Set([...answered].map(withoutAddress));
      expect(neededWays(fleet).filter((way) => !heard.has(way))).toEqual([]);
    } finally {
      await tailnet.close();
    }
  });

  test("new keys touch no machine: no plan changes, every process and address stays", async () => {
    const before = await Promise.all(hosts.map(self));
    for (const { name } of identitiesOf(fleet)) writeAuthKey(trustSpecOf(fleet), name, await authKey(name));
    const { out } = await succeed(["plan", "--fleet", "lab", "--json"]);
    const changed = (JSON.parse(out) as { stack: string; status: string }[]).filter(
      ({ status }) => status === "changed",
    );
    expect(changed).toEqual([]);
    await succeed(["apply", "--fleet", "lab", "--yes"]);
    expect(await Promise.all(hosts.map(self))).toEqual(before);
  });

  test("tailscaled restarted in order: Nomad drains first, and its job ends and starts again", async () => {
    const [before] = await running("hello", "general-1");
    await on("general-1", "systemctl restart tailscaled");
    await eventually(60, "hello answers", helloAnswers);
    const old = (await allocations("hello")).find(({ ID }) => ID === before?.ID);
    expect(old).toMatchObject({ DesiredStatus: "stop", ClientStatus: "complete" });
  });

  test("tailscaled killed: a job that tolerates a disconnect goes on, another is placed anew", async () => {
    await eventually(60, "general-1 is ready", async () => await isReady("general-1"));
    await eventually(60, "clock runs", async () => (await running("clock", "general-1")).length === 1);
    const [[clock], [hello]] = [await running("clock", "general-1"), await running("hello", "general-1")];
    await on("general-1", "pkill -9 -x tailscaled");
    await eventually(240, "hello runs anew", async () => {
      const [now] = await running("hello", "general-1");
      return now !== undefined && now.ID !== hello?.ID && (await helloAnswers());
    });
    await eventually(60, "clock runs", async () => (await running("clock", "general-1")).length === 1);
    expect((await allocations("hello")).find(({ ID }) => ID === hello?.ID)?.DesiredStatus).toBe("stop");
    expect((await running("clock", "general-1"))[0]?.ID).toBe(clock?.ID);
  });

  test(`control server away for ${outageSeconds} s: leader, jobs and other regions as before; a machine that boots waits for it`, async () => {
    await eventually(60, "general-1 is ready", async () => await isReady("general-1"));
    const leading = await leader();
    const [hello] = await running("hello", "general-1");
    const address = await said("gpu-1", "tailscale ip -4");
    await stopControl();
    await labReboot("gpu-1");
    const end = Date.now() + outageSeconds * 1000;
    while (Date.now() < end) {
      await sleep(10);
      expect([await helloAnswers(), await leader()]).toEqual([true, leading]);
      expect((await nomad(env, "node status -region west", "east-1")).out).toMatch(/edge-1 .* eligible +ready/);
    }
    expect((await running("hello", "general-1"))[0]?.ID).toBe(hello?.ID);
    expect(await said("gpu-1", "systemctl is-active nomad; tailscale ip -4; ss -Hltn | grep -c 464")).toBe(
      "inactive\n0",
    );
    await startControl();
    await eventually(90, "gpu-1 is back by itself", async () => await isReady("gpu-1"));
    expect(await said("gpu-1", "tailscale ip -4")).toBe(address);
  });

  test("key expired: the node is down until its expiry is lifted, and a new key alone does not help", async () => {
    await eventually(60, "gpu-1 is ready", async () => await isReady("gpu-1"));
    const address = await said("gpu-1", "tailscale ip -4");
    const processes = await said("gpu-1", "systemctl show -p MainPID --value tailscaled nomad");
    const id = await nodeId("gpu-1");
    await headscale(["nodes", "expire", "--identifier", id]);
    await eventually(30, "gpu-1 must log in", async () => (await backendState("gpu-1")) === "NeedsLogin");
    await eventually(60, "Nomad misses gpu-1", async () => !(await isReady("gpu-1")));
    expect(await said("gpu-1", "systemctl show -p MainPID --value tailscaled nomad")).toBe(processes);
    writeAuthKey(trustSpecOf(fleet), "client-gpu", await authKey("client-gpu"));
    const redeliver = ["apply", "--fleet", "lab", "--yes", "--redeliver", "gpu-1", "site-onprem"];
    expect((await steppe(redeliver)).code).toBe(1);
    expect(await backendState("gpu-1")).toBe("NeedsLogin");
    await headscale(["nodes", "expire", "--identifier", id, "--disable"]);
    await eventually(60, "gpu-1 is back by itself", async () => await isReady("gpu-1"));
    await succeed(redeliver);
    expect(await said("gpu-1", "tailscale ip -4")).toBe(address);
    expect((await tailnetMachines()).filter(({ name }) => name.startsWith("gpu-1"))).toHaveLength(1);
  });
});
