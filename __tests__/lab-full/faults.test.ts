import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { command, describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";

jest.setTimeout(900_000);

const leftovers = async () => {
  const look = "ip netns; mount; losetup -a; ps axo args; ls /sys/fs/cgroup /sys/fs/cgroup/*";
  return (await command(["sh", "-c", look])).out
    .split("\n")
    .filter((line) => /steppe-(lab|host|fabric|operator)|systemd-nspawn|steppe\/lab/.test(line));
};

describeInLab("faults of a lab", () => {
  beforeAll(async () => {
    await steppe(["lab", "down"]);
  });
  afterAll(async () => {
    await steppe(["lab", "down"]);
  });

  test.each([200, 900, 2500, 6000])("Ctrl-C %i ms into the first run leaves nothing behind", async (milliseconds) => {
    const child = spawn(join(root, "steppe"), ["lab", "up"], { cwd: root, stdio: "ignore" });
    const ended = new Promise<number | null>((done) => child.on("close", done));
    await new Promise((done) => setTimeout(done, milliseconds));
    child.kill("SIGINT");
    const code = await ended;
    expect([0, 130, null]).toContain(code);
    if (code === 0) await steppe(["lab", "down"]);
    expect(await leftovers()).toEqual([]);
  });

  test("is refused to a user who is not root, and names the fix", async () => {
    const { code, err } = await command(
      ["setpriv", "--reuid=65534", "--clear-groups", join(root, "steppe"), "lab", "up"],
      { HOME: "/tmp" },
    );
    expect(code).toBe(1);
    expect(err).toMatch(/root/);
  });

  test("tells of a machine that is off, and of one that shows another host key, before anything changes", async () => {
    const run = await steppe(["lab", "run"]);
    expect({ code: run.code, err: run.code === 0 ? "" : run.err }).toEqual({ code: 0, err: "" });
    const states = () => readFileSync(join(root, "state", "lab-site-dc-east.tfstate"), "utf8");
    const before = states();
    await steppe(["lab", "off", "east-2"]);
    const off = await steppe(["apply", "--fleet", "lab", "--yes", "--redeliver", "east-2"]);
    expect(off.code).toBe(1);
    expect(off.err).toContain("cannot reach 10.61.1.12:22");
    await steppe(["lab", "start", "east-2"]);

    const path = join(root, "fleets", "lab.trust.json");
    const trust = readFileSync(path, "utf8");
    try {
      const keys = JSON.parse(trust) as { hostKeys: Record<string, string> };
      keys.hostKeys["east-2"] = keys.hostKeys["east-3"] ?? "";
      writeFileSync(path, JSON.stringify(keys));
      const wrong = await steppe(["apply", "--fleet", "lab", "--yes", "--redeliver", "east-2"]);
      expect(wrong.code).toBe(1);
      expect(wrong.err).toMatch(/10\.61\.1\.12 shows the host key SHA256:\S+, not the recorded SHA256:/);
    } finally {
      writeFileSync(path, trust);
    }
    expect(states()).toBe(before);
  });

  test("a retired client drains, leaves the tailnet and keeps its data", async () => {
    const lab = readFileSync(join(root, "fleets", "lab.ts"), "utf8").replaceAll('from "../', 'from "../../');
    const retired = join(root, "dist", "fleets", "lab-retired.ts");
    const text = lab
      .replace("export const fleet = defineFleet({", "const base = defineFleet({")
      .concat(
        `
const onprem = base.sites["onprem"];
if (onprem?.platform !== "onprem") throw new Error("no onprem site");
export const fleet = {
  ...base,
  pools: { ...base.pools, gpu: { ...base.pools["gpu"], retired: { reason: "sold" } } },
};
`,
      )
      .replace('regions: { east: { nodePool: "general" }, ', "regions: { ")
      .replace("export const workloads", "const allWorkloads")
      .concat("export const workloads = { west: allWorkloads.west };\n");
    writeFileSync(retired, text);
    const { code, err } = await steppe(["apply", "--fleet", retired, "--yes", "site-onprem"]);
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
    expect((await on("gpu-1", "systemctl is-active nomad tailscaled")).out).not.toMatch(/^active$/m);
    expect((await on("gpu-1", "test -d /srv/data/nomad && test ! -e /etc/nomad.d")).code).toBe(0);
    expect(existsSync(retired)).toBe(true);
  });

  test("a server is not removed while another one is down", async () => {
    await steppe(["lab", "off", "east-3"]);
    const { code, err } = await on("east-2", "/usr/local/lib/steppe/remove keep-data");
    expect(code).toBe(1);
    expect(err).toContain("not removing east-2: region east could lose its quorum");
    expect((await on("east-2", "systemctl is-active nomad")).out.trim()).toBe("active");
    expect((await steppe(["lab", "start", "east-3"])).code).toBe(0);
    const env = operatorEnvironment();
    await eventually(120, "region east is healthy", async () =>
      /^Healthy: true$/m.test((await nomad(env, "operator autopilot health")).out),
    );
  });

  test("a region shrinks from three servers to one and keeps its leader", async () => {
    const shrunk = join(root, "dist", "fleets", "lab-shrunk.ts");
    writeFileSync(
      shrunk,
      `import { fleet as base, workloads } from "../../fleets/lab";
const site = base.sites["dc-east"];
if (site?.platform !== "onprem") throw new Error("no dc-east");
const retired = { reason: "one is enough" };
const hosts = { ...site.hosts };
for (const name of ["east-2", "east-3"]) hosts[name] = { ...site.hosts[name]!, retired };
export const fleet = { ...base, sites: { ...base.sites, "dc-east": { ...site, hosts } } };
export { workloads };
`,
    );
    const { code, err } = await steppe(["apply", "--fleet", shrunk, "--yes", "site-dc-east"]);
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
    const env = operatorEnvironment();
    const peers = (await nomad(env, "operator raft list-peers")).out.split("\n").filter((line) => / true /.test(line));
    expect(peers.map((line) => line.split(/\s+/)[0])).toEqual(["east-1.east"]);
    expect((await on("edge-1", "curl -sf --max-time 5 http://general-1.lab.internal:8080/")).code).toBe(0);
  });

  test("down leaves nothing behind, and a second down says so", async () => {
    expect((await steppe(["lab", "down"])).code).toBe(0);
    expect(await leftovers()).toEqual([]);
    expect((await steppe(["lab", "down"])).err).toContain("there was none");
  });
});
