import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientBundle, type MachineBundle, serverBundle } from "../../constructs/machine/bundle";
import type { BackupStore } from "../../model/backup-types";
import type { GpuDriver } from "../../model/gpu-types";
import type { Fleet, InstallSource } from "../../model/types";
import { externalFleet, smallFleet, spoil } from "../helpers/fleet";
import { describeWithTool } from "../helpers/tools";

const fileOf = (bundle: MachineBundle, path: string) => {
  const found = bundle.files.find((file) => file.path === path);
  if (found === undefined) throw new Error(`no ${path} in the bundle`);
  return found;
};
const configOf = (bundle: MachineBundle) =>
  JSON.parse(fileOf(bundle, "/etc/nomad.d/steppe.json").content) as Record<string, Record<string, unknown>>;

/** Every script of every kind of bundle, by a name for the report. */
function allScripts(): Map<string, string> {
  const scripts = new Map<string, string>();
  const sources: InstallSource[] = [
    { kind: "image" },
    { kind: "repository" },
    {
      kind: "mirror",
      baseUrl: "https://mirror.example.com",
      sha256: { "nomad_2.0.5_linux_amd64.zip": "a".repeat(64), "tailscale_1.102.3_amd64.tgz": "b".repeat(64) },
    },
  ];
  const driver: GpuDriver = { kind: "repository", branch: 580 };
  const stores: BackupStore[] = [
    { kind: "directory", path: "/mnt/backups" },
    { kind: "gcs", bucket: "backups" },
    { kind: "s3", bucket: "backups", region: "us-east-1", endpoint: "https://minio.example.com" },
  ];
  for (const store of stores) {
    const { files, script } = serverBundle(spoil(smallFleet(), "regions.north.backups", { store }), "north");
    scripts.set(`backed-up-${store.kind}`, script);
    for (const file of files)
      if (file.path.includes("/snapshot") && file.content.startsWith("#!"))
        scripts.set(`${store.kind}${file.path.replaceAll("/", "_")}`, file.content);
  }
  const external = serverBundle(externalFleet(), "cloud");
  scripts.set(`external-${external.identity.name}`, external.script);
  for (const { path, content } of external.files)
    if (content.startsWith("#!")) scripts.set(path.replaceAll("/", "_"), content);
  for (const source of sources) {
    const fleet = spoil(spoil(smallFleet(), "sites.north.install", source), "pools.edge.ephemeral", true);
    scripts.set(`${source.kind}-driver`, clientBundle(spoil(fleet, "pools.gpu.gpuDriver", driver), "gpu").script);
    for (const bundle of [serverBundle(fleet, "north"), clientBundle(fleet, "gpu"), clientBundle(fleet, "edge")]) {
      scripts.set(`${source.kind}-${bundle.identity.name}`, bundle.script);
      for (const file of bundle.files)
        if (file.content.startsWith("#!")) scripts.set(file.path.replaceAll("/", "_"), file.content);
    }
  }
  return scripts;
}

describe("server bundle", () => {
  const bundle = serverBundle(smallFleet(), "north");

  test("joins the servers of its own region only", () => {
    expect(configOf(bundle)["server"]).toMatchObject({
      bootstrap_expect: 3,
      authoritative_region: "north",
      server_join: {
        retry_join: ["n-1.tail0.ts.net:4648", "n-2.tail0.ts.net:4648", "n-3.tail0.ts.net:4648"],
        retry_max: 0,
      },
    });
  });

  test("has no insecure default", () => {
    expect(configOf(bundle)).toMatchObject({
      acl: { enabled: true },
      tls: { http: true, rpc: true, verify_server_hostname: true, verify_https_client: true },
      leave_on_interrupt: false,
      leave_on_terminate: false,
    });
  });

  test("leaves every address to the guard", () => {
    const config = configOf(bundle);
    expect(Object.keys(config).filter((key) => ["bind_addr", "advertise", "addresses", "name"].includes(key))).toEqual(
      [],
    );
  });

  test("reads its own files alone, not what the vendor's package puts beside them", () => {
    expect(fileOf(bundle, "/etc/systemd/system/nomad.service").content).toContain(
      "ExecStart=nomad agent -config=/etc/nomad.d/steppe.json -config=/etc/nomad.d/secrets.json -config=/run/steppe/nomad.json\n",
    );
  });

  test("bootstraps ACLs in the authoritative region alone", () => {
    const path = "/etc/systemd/system/steppe-acl-bootstrap.service";
    expect(bundle.files.map((file) => file.path)).toContain(path);
    expect(serverBundle(smallFleet(), "south").files.map((file) => file.path)).not.toContain(path);
  });

  test("does not count a retired server", () => {
    const fleet = spoil(smallFleet(), "sites.north.hosts.n-3.retired", { reason: "old" });
    expect(configOf(serverBundle(fleet, "north"))["server"]).toMatchObject({ bootstrap_expect: 2 });
  });

  test("keeps its agent's configuration when a region is added, so that Nomad is not restarted", () => {
    const fleet = spoil(smallFleet(), "regions.third", { site: "south", servers: { hosts: ["s-3"] } });
    const nomadFiles = (of: Fleet) => serverBundle(of, "north").files.filter((file) => file.concern === "nomad");
    expect(nomadFiles(fleet)).toEqual(nomadFiles(smallFleet()));
    expect(serverBundle(fleet, "north").script).not.toBe(bundle.script);
  });

  test("tolerates longer silence in a region with edge pools", () => {
    const fleet = spoil(smallFleet(), "pools.edge.edge", {});
    expect(configOf(serverBundle(fleet, "south"))["server"]).toHaveProperty("heartbeat_grace", "1m");
    expect(configOf(serverBundle(fleet, "north"))["server"]).not.toHaveProperty("heartbeat_grace");
  });
});

describe("client bundle", () => {
  const bundle = clientBundle(smallFleet(), "gpu");

  test("is in its pool, on the tailnet, and reaches the servers of its own region", () => {
    expect(configOf(bundle)["client"]).toMatchObject({
      node_pool: "gpu",
      network_interface: "tailscale0",
      server_join: { retry_join: ["n-1.tail0.ts.net:4647", "n-2.tail0.ts.net:4647", "n-3.tail0.ts.net:4647"] },
      host_volume: { models: { path: "/srv/models", read_only: false } },
    });
  });

  test("gives tasks in a chroot what the pool says, and Nomad's own choice where it says nothing", () => {
    const chrootEnv = { "/usr/bin": "/bin", "/usr/lib64": "/lib64" };
    const small = clientBundle(spoil(smallFleet(), "pools.gpu.chrootEnv", chrootEnv), "gpu");
    expect(configOf(small)["client"]).toMatchObject({ chroot_env: chrootEnv });
    expect(configOf(bundle)["client"]).not.toHaveProperty("chroot_env");
  });

  test("drains itself within the time that systemd gives it", () => {
    const fleet = spoil(smallFleet(), "pools.gpu.drainSeconds", 300);
    const drained = clientBundle(fleet, "gpu");
    expect(configOf(drained)).toMatchObject({
      leave_on_interrupt: true,
      client: { drain_on_shutdown: { deadline: "300s", force: false, ignore_system_jobs: false } },
    });
    expect(fileOf(drained, "/etc/systemd/system/nomad.service").content).toContain("TimeoutStopSec=330\n");
  });

  test("of a spot pool is done before the cloud takes the machine", () => {
    const drained = clientBundle(spoil(smallFleet(), "pools.gpu.spot", true), "gpu");
    expect(configOf(drained)["client"]).toMatchObject({ drain_on_shutdown: { deadline: "90s" } });
  });

  test("keeps an explicit zero drain deadline", () => {
    const drained = clientBundle(spoil(smallFleet(), "pools.gpu.drainSeconds", 0), "gpu");
    expect(configOf(drained)["client"]).toMatchObject({ drain_on_shutdown: { deadline: "0s" } });
  });

  test("creates the directories of its host volumes", () => {
    expect(bundle.script).toContain("install -d -m 0755 -o root -g root /srv/models\n");
  });

  test("is not touched by another region", () => {
    const fleet = spoil(smallFleet(), "regions.third", { site: "south", servers: { hosts: ["s-3"] } });
    expect(clientBundle(fleet, "gpu").script).toBe(bundle.script);
  });
});

describeWithTool("shellcheck", "shellcheck", (shellcheck) => {
  test.each([...allScripts()])("finds nothing in %s", (_, script) => {
    const { stdout } = spawnSync(shellcheck, ["--shell=sh", "--enable=quote-safe-variables", "-"], {
      input: script,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  });
});

test.each([...allScripts()])("%s stops at the first failure", (_, script) => {
  expect(script.split("\n").slice(0, 10)).toContain("set -eu");
});

describeWithTool("nomad", "the real agent", (nomad) => {
  const directory = mkdtempSync(join(tmpdir(), "steppe-config-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each([
    ["a server", serverBundle(smallFleet(), "north")],
    ["a client", clientBundle(smallFleet(), "gpu")],
    ["a client without GPU", clientBundle(smallFleet(), "edge")],
  ])("loads the configuration of %s", (name, bundle) => {
    const folder = join(directory, name.replaceAll(" ", "-"));
    mkdirSync(folder);
    writeFileSync(join(folder, "steppe.json"), fileOf(bundle, "/etc/nomad.d/steppe.json").content);
    const { status, stdout, stderr } = spawnSync(nomad, ["config", "validate", folder], { encoding: "utf8" });
    expect({ status, stdout: stdout.trim(), unknown: /unexpected keys.*/.exec(stderr)?.[0] }).toEqual({
      status: 0,
      stdout: "Configuration is valid!",
      unknown: undefined,
    });
  });
});
