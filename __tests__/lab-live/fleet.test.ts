import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tailnetPolicy } from "../../constructs/tailnet/policy";
import { fleet } from "../../fleets/lab";
import { setPolicyAndReport } from "../../lab/control";
import { labSshAgent } from "../../lab/operator";
import { secretsOf } from "../../ops/trust/secrets";
import { loadTrust } from "../../ops/trust/trust";
import { fewPorts, neededWays, type Scan, scan, withoutAddress } from "../helpers/fleet-scan";
import { command, describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { active, isHealthy, nomadAddresses, succeed, tailnetAddress } from "../helpers/fleet-servers";
import { LiveTailnet } from "../helpers/reach-live";

const servers = ["east-1", "east-2", "east-3", "west-1"];
const clients = ["general-1", "gpu-1", "edge-1"];

/** Servers have it at their tailnet address and answer no stranger; at their IPv6 address it is free. */
const SERF_PORTS = [4648];

jest.setTimeout(600_000);

let env: Record<string, string> = {};

const reaches = async (from: string, to: string, port: number) =>
  (await on(from, `timeout 3 bash -c '</dev/tcp/${to}.lab.internal/${port}'`)).code === 0;
const leaderOf = async (asked: string) =>
  /^(east-\d)\.east .* true /m.exec((await nomad(env, "server members", asked)).out)?.[1];

describeInLab("a fleet on real hosts", () => {
  beforeAll(async () => {
    await steppe(["lab", "down"]);
  });
  afterAll(async () => {
    const { code, err } = await steppe(["lab", "down"]);
    if (code !== 0) throw new Error(err);
  });

  test("is deployed in one command, and a job answers across regions", async () => {
    const { out } = await succeed(["lab", "run"]);
    expect(out).toContain(
      "hello: edge-1 asked http://general-1.lab.internal:8080/ and heard: hello from hello on general-1, region east",
    );
    env = operatorEnvironment();
  });

  test("is left alone by a second run", async () => {
    expect((await succeed(["lab", "run"])).err).toContain("nothing changed");
  });

  test.each(servers)("%s lists both regions", async (server) => {
    const { out } = await nomad(env, "server members", server);
    const regions = out
      .split("\n")
      .filter((line) => line.includes(" alive "))
      .map((line) => line.trim().split(/\s+/).at(-1));
    expect(regions.sort()).toEqual(["east", "east", "east", "west"]);
  });

  test("refuses the API without a token, without a client certificate, and over plain HTTP", async () => {
    const ask = async (curl: string) =>
      (await on("operator", `curl -s -o /dev/null -w '%{http_code}' --max-time 5 ${curl}`, env)).out;
    const url = "east-1.lab.internal:4646/v1/operator/raft/configuration";
    const ca = `--cacert "$NOMAD_CACERT"`;
    const certificate = `${ca} --cert "$NOMAD_CLIENT_CERT" --key "$NOMAD_CLIENT_KEY"`;
    const token = `-H "X-Nomad-Token: $NOMAD_TOKEN"`;
    expect(await ask(`${certificate} ${token} https://${url}`)).toBe("200");
    expect(await ask(`${certificate} https://${url}`)).toBe("403");
    expect(await ask(`${ca} ${token} https://${url}`)).toBe("000");
    expect(await ask(`${token} http://${url}`)).toBe("400");
  });

  test("lets only the right tags reach RPC and Serf", async () => {
    expect({
      "gpu-1 east-1:4647": await reaches("gpu-1", "east-1", 4647),
      "gpu-1 east-1:4648": await reaches("gpu-1", "east-1", 4648),
      "edge-1 east-1:4647": await reaches("edge-1", "east-1", 4647),
      "edge-1 east-1:4648": await reaches("edge-1", "east-1", 4648),
      "operator east-1:4647": await reaches("operator", "east-1", 4647),
      "west-1 east-1:4648": await reaches("west-1", "east-1", 4648),
    }).toEqual({
      "gpu-1 east-1:4647": true,
      "gpu-1 east-1:4648": false,
      "edge-1 east-1:4647": false,
      "edge-1 east-1:4648": false,
      "operator east-1:4647": false,
      "west-1 east-1:4648": true,
    });
  });

  describe("to packets", () => {
    let tailnet: LiveTailnet;
    let usual: Scan;
    beforeAll(async () => {
      tailnet = await LiveTailnet.open();
      await tailnet.echo(fewPorts.udp, SERF_PORTS);
    });
    afterAll(async () => await tailnet.close());

    test("is open where its data says so, and nowhere else", async () => {
      usual = await scan(tailnet, fewPorts);
      const { probes, open, allowed, answered } = usual;
      process.stdout.write(`scan: ${JSON.stringify({ probes, open: open.length, answered: answered.size })}\n`);
      expect(open).toEqual(allowed);
      const heard = new Set([...answered].map(withoutAddress));
      expect(neededWays(fleet).filter((way) => !heard.has(way))).toEqual([]);
    });

    test("opens one port more for one service more, and closes it with the service", async () => {
      await succeed(["apply", "--fleet", writeFleet("lab-service", FURTHER_SERVICE), "--yes", "tailnet"]);
      const { open, allowed } = await scan(tailnet, fewPorts);
      const added = open.filter((way) => !way.endsWith(" icmp") && !usual.open.includes(way));
      expect([...new Set(added.map(withoutAddress))]).toEqual(["general-1 -> gpu-1 tcp 9000"]);
      expect(open).toEqual(allowed);
      await succeed(["apply", "--fleet", "lab", "--yes", "tailnet"]);
      let after = open;
      await eventually(20, "something is closed", async () => {
        after = (await scan(tailnet, fewPorts)).open;
        return after.length < open.length;
      });
      expect(after).toEqual(usual.open);
    });
  });

  test("the control server runs the policy's own tests, and refuses a policy that opens too much", async () => {
    const policy = tailnetPolicy(fleet);
    await expect(setPolicyAndReport(JSON.stringify(policy))).resolves.toEqual([]);
    const widened = { src: ["tag:nomad-client"], dst: ["tag:nomad-server"], ip: ["*"] };
    const open = { ...policy, grants: [...policy.grants, widened] };
    await expect(setPolicyAndReport(JSON.stringify(open))).rejects.toThrow(
      "tag:nomad-pool-gpu -> tag:nomad-server:4648 (tcp): expected DENIED, got ALLOWED",
    );
  });

  test.each([...servers, ...clients])("nothing of Nomad on %s listens on the LAN", async (host) => {
    expect(await nomadAddresses(host)).toEqual([await tailnetAddress(host), "127.0.0.1"].sort());
  });

  test.each(["east-2", "gpu-1"])(
    "Nomad on %s stops with tailscaled, says why it does not start, and comes back by itself",
    async (host) => {
      await on(host, "systemctl stop tailscaled");
      expect(await active(host)).toBe(false);
      expect((await on(host, "systemctl restart nomad")).code).not.toBe(0);
      expect((await on(host, "journalctl -u nomad -n 20 --no-pager")).out).toContain(
        "Nomad does not start: tailscaled is not running; start it with: systemctl start tailscaled",
      );
      await on(host, "systemctl start tailscaled");
      await eventually(60, `Nomad is up on ${host}`, async () => await active(host));
    },
  );

  test("a rebooted client keeps its address and gets work again", async () => {
    const before = await tailnetAddress("general-1");
    await succeed(["lab", "reboot", "general-1"]);
    const ask = "curl -sf --max-time 2 http://general-1.lab.internal:8080/";
    await eventually(120, "hello runs on general-1 again", async () => (await on("edge-1", ask)).code === 0);
    expect(await tailnetAddress("general-1")).toBe(before);
  });

  test("a leader killed hard is replaced", async () => {
    const leader = (await leaderOf("east-2")) ?? "";
    expect(leader).toMatch(/^east-\d$/);
    await succeed(["lab", "off", leader]);
    const other = ["east-1", "east-2", "east-3"].find((server) => server !== leader) as string;
    await eventually(60, "another server leads", async () => {
      const found = await leaderOf(other);
      return found !== undefined && found !== leader;
    });
    await succeed(["lab", "start", leader]);
    await eventually(120, "the region is healthy", async () => await isHealthy(env, other));
  });

  test("cdktf deploys a change by itself, with secrets from the environment", async () => {
    const changed = readFileSync(`${root}/fleets/lab.ts`, "utf8").replace("echo embedded on", "echo embedded again on");
    const fixture = writeFleet("lab-changed", changed.replaceAll('from "../', 'from "../../'));
    const cdktf =
      "exec node_modules/.bin/cdktf deploy lab-jobs-east --auto-approve --skip-provider-lock --ignore-missing-stack-dependencies";
    const ran = await on("operator", cdktf, { ...env, STEPPE_FLEET: fixture, SSH_AUTH_SOCK: labSshAgent(), CI: "1" });
    expect({ code: ran.code, out: ran.code === 0 ? "" : `${ran.out}${ran.err}` }).toEqual({ code: 0, out: "" });
    expect((await nomad(env, "job inspect -namespace=ai embed")).out).toContain("embedded again");
    await succeed(["lab", "run"]);
    expect((await nomad(env, "job inspect -namespace=ai embed")).out).not.toContain("embedded again");
  });

  test("a third region replaces no server, and plans of the other sites show only delivery", async () => {
    const fixture = writeFleet("lab-three", THIRD_REGION);
    await succeed(["lab", "up", "--fleet", fixture]);
    const plan = await succeed(["plan", "--fleet", fixture, "--json"]);
    const stacks = JSON.parse(plan.out) as {
      stack: string;
      changes?: { resources: { address: string; action: string }[] };
    }[];
    const changes = Object.fromEntries(
      stacks.map(({ stack, changes: found }) => [
        stack,
        (found?.resources ?? [])
          .map(({ address, action }) => `${action} ${address.replace(/_[0-9A-F]{8}$/, "")}`)
          .sort(),
      ]),
    );
    expect(changes["lab-site-dc-east"]).toEqual([
      "replace terraform_data.Machines_Secrets",
      "replace terraform_data.Machines_east-1_Delivery",
      "replace terraform_data.Machines_east-2_Delivery",
      "replace terraform_data.Machines_east-3_Delivery",
    ]);
    expect(changes["lab-site-dc-west"]).toEqual([
      "replace terraform_data.Machines_Secrets",
      "replace terraform_data.Machines_west-1_Delivery",
    ]);
    expect([changes["lab-site-onprem"], changes["lab-site-edge-site"]]).toEqual([[], []]);
    const process = "systemctl show -p MainPID --value nomad";
    const before = (await on("east-1", process)).out;
    await succeed(["lab", "run", "--fleet", fixture]);
    expect((await on("east-1", process)).out).toBe(before);
    await eventually(60, "all regions are federated", async () =>
      /^north-1\.north .* alive /m.test((await nomad(env, "server members")).out),
    );
  });

  test("a region that vanishes from the data while it has state is an error, and nothing changes", async () => {
    const { code, err } = await steppe(["apply", "--fleet", "lab", "--yes"]);
    expect(code).toBe(1);
    expect(err).toContain("lab-site-dc-north");
    expect(err).toContain("retired: { reason }");
  });

  test("holds no secret in any synthesized file, plan, state, log or journal", async () => {
    const secrets = secretsOf(loadTrust("lab"));
    expect(secrets.length).toBeGreaterThan(20);
    const found: string[] = [];
    const scan = (where: string, text: string) => {
      for (const { name, value } of secrets) if (text.includes(value)) found.push(`${name} in ${where}`);
    };
    const files = [
      "cdktf.out",
      "cdktf.out.lab",
      "cdktf.out.lab-three",
      "state",
      ".terraform",
      "dist",
      "fleets",
    ].flatMap((folder) => filesBelow(join(root, folder)));
    for (const file of files) scan(file, readFileSync(file, "latin1"));
    const plans = files.filter((file) => file.endsWith("/plan"));
    expect(plans.length).toBeGreaterThan(3);
    for (const plan of plans)
      scan(
        `${plan} as JSON`,
        (await command(["terraform", "show", "-json", plan], { TF_DATA_DIR: dirname(plan) })).out,
      );
    for (const host of [...servers, ...clients]) {
      scan(`journal of ${host}`, (await on(host, "journalctl --no-pager -o cat -b all")).out);
      scan(
        `processes and temporary files of ${host}`,
        (await on(host, "ps axww; cat /tmp/* /run/steppe/* /run/steppe/incoming/* /var/tmp/* 2>/dev/null")).out,
      );
    }
    expect(found).toEqual([]);
  });
});

const THIRD_REGION = `
import { fleet as lab, workloads } from "../../fleets/lab";

export const fleet = {
  ...lab,
  sites: {
    ...lab.sites,
    "dc-north": { platform: "onprem", networks: ["10.61.5.0/24"], hosts: { "north-1": { address: "10.61.5.11" } }, install: { kind: "image" }, dataDirectory: "/srv/data" },
  },
  regions: { ...lab.regions, north: { site: "dc-north", servers: { hosts: ["north-1"] } } },
};
export { workloads };
`;

const FURTHER_SERVICE = `
import { fleet as lab, workloads } from "../../fleets/lab";

export const fleet = {
  ...lab,
  services: { ...lab.services, metrics: { port: 9000, pools: ["gpu"], callers: ["general"] } },
};
export { workloads };
`;

/** Writes a variant of a fleet where the program finds it. */
function writeFleet(name: string, text: string): string {
  const folder = join(root, "dist", "fleets");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.ts`), text);
  return join(folder, `${name}.ts`);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("terraform-provider-"))
    .map((entry) => join(entry.parentPath, entry.name));
}
