import { describeInLab, eventually, nomad, on, operatorEnvironment, steppe } from "../helpers/lab";
import { active, isHealthy, nomadAddresses, succeed, tailnetAddress } from "../helpers/fleet-servers";

jest.setTimeout(600_000);

let env: Record<string, string> = {};

interface Report {
  readonly hosts: readonly { readonly name: string; readonly tailnetAddress?: string }[];
}

/** Address of a host, as the tailnet's control server has it. */
async function addressOf(host: string): Promise<string | undefined> {
  const { hosts } = JSON.parse((await steppe(["lab", "status", "--json"])).out) as Report;
  return hosts.find(({ name }) => name === host)?.tailnetAddress;
}

describeInLab("servers of a fleet that break", () => {
  beforeAll(async () => {
    await steppe(["lab", "down"]);
    await succeed(["lab", "run"]);
    env = operatorEnvironment();
  });
  afterAll(async () => {
    const { code, err } = await steppe(["lab", "down"]);
    if (code !== 0) throw new Error(err);
  });

  test("Nomad comes back after tailscaled crashed", async () => {
    const mainProcess = async () => (await on("east-3", "systemctl show -p MainPID --value nomad")).out.trim();
    const before = await mainProcess();
    await on("east-3", "pkill -9 -x tailscaled");
    await eventually(90, "Nomad runs anew", async () => {
      const now = await mainProcess();
      return now !== before && now !== "0" && (await active("east-3"));
    });
    await eventually(90, "region east is healthy", async () => await isHealthy(env));
    expect(await active("east-3")).toBe(true);
  });

  test("a rebooted server keeps name and address", async () => {
    const before = await tailnetAddress("east-2");
    await succeed(["lab", "reboot", "east-2"]);
    await eventually(120, "east-2 is alive and the region healthy", async () => {
      const { out } = await nomad(env, "server members");
      return /^east-2\.east .* alive /m.test(out) && (await isHealthy(env));
    });
    expect(await tailnetAddress("east-2")).toBe(before);
  });

  test("a server rebuilt from its data volume alone rejoins with the same name and address", async () => {
    const before = await tailnetAddress("east-3");
    const peers = async () =>
      (await nomad(env, "operator raft list-peers")).out
        .split("\n")
        .slice(1)
        .map((line) => line.split(/\s+/).slice(0, 3).join(" "))
        .sort();
    const voters = await peers();
    await succeed(["lab", "rebuild", "east-3"]);
    expect((await on("east-3", "test -e /etc/nomad.d")).code).toBe(1);
    // As the vendor's package brings it: a server and a client at once, on all addresses.
    const vendor = 'bind_addr = "0.0.0.0"\nserver { enabled = true }\nclient { enabled = true }';
    await on("east-3", `mkdir -p /etc/nomad.d && printf '%s\\n' '${vendor}' >/etc/nomad.d/nomad.hcl`);
    await succeed(["lab", "run", "--redeliver", "east-3"]);
    expect(await addressOf("east-3")).toBe(before);
    await eventually(60, "the region is healthy", async () => await isHealthy(env));
    expect(await peers()).toEqual(voters);
    expect(await nomadAddresses("east-3")).toEqual([before, "127.0.0.1"].sort());
    expect((await nomad(env, "node status")).out).not.toContain("east-3");
  });

  test("the nomad command applies Nomad's objects to the same result where the provider is missing", async () => {
    const { err, out } = await succeed(["lab", "run", "--without-provider"]);
    expect(out).toContain("and heard: hello from hello on general-1, region east");
    expect(err).toContain("by the nomad command");
    expect((await succeed(["lab", "run"])).err).toContain("nothing changed");
  });
});
