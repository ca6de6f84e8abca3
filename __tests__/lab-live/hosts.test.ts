import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { groupsExist } from "../../lab/cgroups";
import { labAuthKeys, setPolicy, tailnetMachines } from "../../lab/control";
import { labDown } from "../../lab/down";
import { labNamespaces } from "../../lab/fabric";
import { mounts, mountsBelow } from "../../lab/images";
import { operatorCommand } from "../../lab/operator";
import { labPaths } from "../../lab/paths";
import { labExec, labPowerOff, labReboot, labRebuild, labStart, sshCommand } from "../../lab/power";
import { run, type RunResult } from "../../lab/run";
import { labHostKeys, labState, labStatus } from "../../lab/status";
import type { LabSpec } from "../../lab/spec";
import { labUp } from "../../lab/up";

const spec: LabSpec = {
  fleet: "hosts-test",
  tailnetDomain: "lab.internal",
  sites: [
    { name: "dc-east", cidr: "10.61.1.0/24" },
    { name: "edge", cidr: "10.61.4.0/24" },
  ],
  hosts: [
    { name: "east-1", site: "dc-east", address: "10.61.1.11" },
    { name: "edge-1", site: "edge", address: "10.61.4.11" },
  ],
  identities: [
    { name: "operator", tags: ["tag:operator"], ephemeral: false },
    { name: "server", tags: ["tag:server"], ephemeral: false },
  ],
};

const more: LabSpec = {
  ...spec,
  hosts: [...spec.hosts, { name: "east-2", site: "dc-east", address: "10.61.1.12" }],
};

const policy = {
  tagOwners: { "tag:operator": ["lab@"], "tag:server": ["lab@"] },
  acls: [{ action: "accept", src: ["tag:operator"], dst: ["tag:server:22"] }],
};

const progress = () => undefined;

async function operator(...argv: string[]): Promise<RunResult> {
  const [command = "", ...args] = operatorCommand(argv);
  return await run(command, args, { allowFailure: true, timeoutSeconds: 30 });
}

async function ssh(host: string, ...argv: string[]): Promise<RunResult> {
  const [command = "", ...args] = sshCommand(host, argv);
  return await run(command, args, { allowFailure: true, timeoutSeconds: 30 });
}

async function inits(): Promise<(string | undefined)[]> {
  return await Promise.all(
    spec.hosts.map(
      async ({ name }) => (await labExec(name, ["cat", "/proc/sys/kernel/random/boot_id", "/etc/machine-id"])).stdout,
    ),
  );
}

// A lab that somebody uses is never taken down by a test.
const possible = process.getuid?.() === 0 && !existsSync(labPaths().run);
const suite = possible ? describe : describe.skip;

suite("lab hosts (needs root and no lab running)", () => {
  jest.setTimeout(1_800_000);

  beforeAll(async () => {
    await labUp(spec, { progress });
  });

  afterAll(async () => {
    await labDown({ progress });
  });

  test("boot systemd without a failed unit", async () => {
    const { stdout } = await labExec("east-1", ["systemctl", "is-system-running", "--wait"]);
    expect(stdout.trim()).toBe("running");
  });

  test("answer over SSH to the operator, with the key that was known before", async () => {
    const { stdout, stderr } = await ssh("edge-1", "hostname; cat /etc/ssh/ssh_host_ed25519_key.pub");
    expect(stderr).toBe("");
    const [name, key] = stdout.split("\n");
    expect(name).toBe("edge-1");
    expect(key).toContain((await labHostKeys())["edge-1"]);
  });

  test("pass exit codes through", async () => {
    expect((await labExec("east-1", ["sh", "-c", "exit 7"])).code).toBe(7);
    expect((await operator("sh", "-c", "exit 9")).code).toBe(9);
  });

  test("stay in their own network", async () => {
    const { stdout } = await run("ip", ["-j", "link"]);
    const links = (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname);
    expect(links.filter((name) => /^(br-|p-|control|tailscale)/.test(name))).toEqual([]);
    expect((await labExec("east-1", ["ping", "-c1", "-W5", "10.61.4.11"])).code).toBe(0);
    expect((await labExec("east-1", ["ping", "-c1", "-W2", "192.0.2.1"])).code).not.toBe(0);
  });

  test("start no agent by themselves", async () => {
    const { stdout } = await labExec("east-1", ["sh", "-c", "ps -e -o comm= | grep -cE 'nomad|tailscaled' || :"]);
    expect(stdout.trim()).toBe("0");
  });

  test("join the tailnet under their name and are found by it", async () => {
    await setPolicy(JSON.stringify(policy));
    const unit = ["systemd-run", "--quiet", "--unit=ts", "-p", "RuntimeDirectory=tailscale"];
    const daemon = ["-p", "Environment=TS_DEBUG_USE_DERP_HTTP=1", "tailscaled", "--state=/srv/data/ts.state"];
    await labExec("east-1", [...unit, ...daemon]);
    const join = `until tailscale up --login-server=http://10.61.0.1:8080 --auth-key=${labAuthKeys().get("server")} --timeout=20s; do sleep 1; done`;
    expect((await labExec("east-1", ["sh", "-c", join], { timeoutSeconds: 60 })).code).toBe(0);
    const machines = await tailnetMachines();
    expect(machines.map(({ name, tags }) => [name, ...tags]).sort()).toEqual([
      ["east-1", "tag:server"],
      ["operator", "tag:operator"],
    ]);
    const files = ["-o", `UserKnownHostsFile=${labPaths().operator}/known_hosts`, "-o", "StrictHostKeyChecking=yes"];
    const key = ["-o", "BatchMode=yes", "-i", `${labPaths().operator}/id_ed25519`];
    const { stdout } = await operator("ssh", ...files, ...key, "root@east-1.lab.internal", "hostname");
    expect(stdout.trim()).toBe("east-1");
  });

  test("are left alone by a second up", async () => {
    const before = await inits();
    const start = Date.now();
    await labUp(spec, { progress });
    expect(Date.now() - start).toBeLessThan(5_000);
    expect(await inits()).toEqual(before);
  });

  test("come and go with the spec without disturbing the others", async () => {
    const before = await inits();
    await labUp(more, { progress });
    expect((await ssh("east-2", "hostname")).stdout.trim()).toBe("east-2");
    expect(await inits()).toEqual(before);
    await labUp(spec, { progress });
    expect(await labNamespaces()).not.toContain("steppe-host-east-2");
    expect(await inits()).toEqual(before);
  });

  test("reboot, and power off and on, with everything on their disk", async () => {
    await labExec("edge-1", ["sh", "-c", "echo kept > /root/file"]);
    await labReboot("edge-1");
    await labPowerOff("edge-1");
    expect((await labStatus())?.hosts.find(({ name }) => name === "edge-1")?.power).toBe("off");
    await labStart("edge-1");
    expect((await ssh("edge-1", "cat /root/file")).stdout.trim()).toBe("kept");
  });

  test("keep only data volume and host key over a rebuild", async () => {
    await labExec("edge-1", ["sh", "-c", "echo data > /srv/data/file; echo gone > /root/file"]);
    const key = (await labHostKeys())["edge-1"];
    await labRebuild("edge-1");
    expect((await ssh("edge-1", "cat /srv/data/file; ls /root")).stdout.trim()).toBe("data");
    expect((await labHostKeys())["edge-1"]).toBe(key);
  });

  test("leave nothing behind", async () => {
    const state = await labState();
    expect(await labDown({ progress })).toBe(true);
    expect(await labNamespaces()).toEqual([]);
    expect(mountsBelow(await mounts(), labPaths().run)).toEqual([]);
    expect(await groupsExist()).toBe(false);
    expect(existsSync(labPaths().run)).toBe(false);
    const { stdout } = await run("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"]);
    expect(stdout).not.toContain(state?.rootImage);
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain("steppe-");
    expect(await labDown({ progress })).toBe(false);
  });
});
