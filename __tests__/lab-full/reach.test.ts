import type { GrantRule, PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { forgetMachine } from "../../lab/control";
import { labDown } from "../../lab/down";
import { labExec, labPowerOff } from "../../lab/power";
import { describeInLab, eventually, steppe } from "../helpers/lab";
import { isReached, type Target } from "../helpers/probe";
import { compareAll, LiveTailnet } from "../helpers/reach-live";
import { headscale, joinTailnet, members, startTailnet } from "../helpers/tailnet-lab";
import { allHosts, generatedFor, handmadeFor, ports, specOf } from "../tailnet/reach/live-policies";

jest.setTimeout(3_600_000);

/** Other policies: STEPPE_REACH_SEED=1000 STEPPE_REACH_COUNT=200 npx jest --selectProjects=lab-full --testPathPatterns reach */
const seed = Number(process.env["STEPPE_REACH_SEED"] ?? 0);
const count = Number(process.env["STEPPE_REACH_COUNT"] ?? 30);

const EPHEMERAL_KEY = [
  ...["--user", "1", "--ephemeral", "--expiration", "1h", "-o", "json"],
  ...["--tags", "tag:nomad-client,tag:nomad-client-west,tag:nomad-pool-edge"],
];

describeInLab("packets among nine machines, and the evaluator", () => {
  let tailnet: LiveTailnet;

  beforeAll(async () => {
    await steppe(["lab", "down"]);
    await startTailnet(specOf(allHosts), allHosts);
    tailnet = await LiveTailnet.open();
    await tailnet.echo(ports.udp);
  });
  afterAll(async () => {
    await tailnet.close();
    await labDown({ progress: () => undefined });
  });

  test(`agree on policies made by hand and ${count} made by chance`, async () => {
    const policies: [string, PolicyFile][] = [
      ...Object.entries(handmadeFor(tailnet.machines)),
      ...generatedFor(tailnet.machines, count, seed).map(({ acls, grants, ...rest }, index): [string, PolicyFile] => [
        `generated ${seed + index} ${JSON.stringify({ acls, grants })}`,
        { acls, grants, ...rest },
      ]),
    ];
    const found = await compareAll(tailnet, policies, ports, 2);
    expect(found.disagreements).toEqual([]);
    expect(found.policies).toBeGreaterThan(40);
    expect(found.unknown).toBe(0);
    expect(found.open / found.probes).toBeGreaterThan(0.1);
    expect(found.open / found.probes).toBeLessThan(0.9);
  });

  test("a policy that closes a way lets go on who talks there; UDP ends when tailscaled starts anew, TCP does not", async () => {
    const [from, to] = ["general-1", "east-1"].map((name) => tailnet.machines.find((each) => each.name === name));
    const address = to?.addresses[0] ?? "";
    const targets = (["tcp", "udp"] as const).map((protocol): Target => ({ protocol, address, port: 7000 }));
    await tailnet.agent("east-1").listen(targets);
    const [open] = Object.values(handmadeFor(tailnet.machines));
    const src = from?.tags ?? [];
    const ways = (...grants: GrantRule[]): PolicyFile => ({ ...open, grants });
    await tailnet.enforce(ways({ src, dst: ["tag:nomad-server"], ip: ["tcp:7000", "udp:7000"] }));
    const talk = async () => await tailnet.agent("general-1").talk(targets, 2000);
    const knock = async () => await tailnet.agent("general-1").probeAgain(targets, 1000);
    await talk();
    expect([await talk(), await knock()]).toEqual([
      ["answered", "answered"],
      ["answered", "answered"],
    ]);
    await tailnet.enforce(ways());
    expect([await talk(), (await knock()).some(isReached)]).toEqual([["answered", "answered"], false]);
    await labExec("east-1", ["systemctl", "restart", "tailscaled"]);
    await tailnet.enforce(ways());
    expect([await talk(), (await knock()).some(isReached)]).toEqual([["answered", "silent"], false]);
  });

  test("an ephemeral machine leaves the tailnet when it is gone, and others stay", async () => {
    const isMember = async (name: string) => (await members()).some((each) => each.name === name);
    const key = await headscale(["preauthkeys", "create", ...EPHEMERAL_KEY]);
    // headscale 0.29.2 keeps a tagged machine that logged out expired, whatever its next key.
    await labExec("edge-1", ["tailscale", "logout"]);
    await forgetMachine("edge-1");
    await joinTailnet("edge-1", (JSON.parse(key) as { key: string }).key);
    expect(await isMember("edge-1")).toBe(true);
    for (const host of ["edge-1", "gpu-1"]) await labPowerOff(host, { hard: true });
    await eventually(240, "edge-1 has left", async () => !(await isMember("edge-1")));
    expect(await isMember("gpu-1")).toBe(true);
  });
});
