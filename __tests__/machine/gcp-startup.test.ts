import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { clientBundle, serverBundle } from "../../constructs/machine/bundle";
import { gcpPoolStartup, gcpServerStartup } from "../../constructs/machine/gcp-startup";
import type { Fleet, InstallSource } from "../../model/types";
import { awsFleet, gcpFleet, spoil } from "../helpers/fleet";
import { ended, ScriptHome } from "../helpers/machine-script";
import { gcpMetadata } from "../helpers/stand-ins/gcp-metadata";
import { describeWithTool } from "../helpers/tools";

/** What a metadata value may hold, bytes. @see https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations */
const MAXIMUM_METADATA_BYTES = 262_144;

const sources: InstallSource[] = [
  { kind: "image" },
  { kind: "repository" },
  { kind: "mirror", baseUrl: "https://mirror.example.com", sha256: {} },
];
const host = "small-cloud-1";
const joinClient = { id: "T1CNTRL-k2CNTRL", audience: "api.tailscale.com/T1CNTRL" };
const open = spoil(gcpFleet(), "pools.batch.taskMetadataAccess", { reason: "its jobs read a bucket as the machine" });
const server = (fleet: Fleet = gcpFleet()) => gcpServerStartup(fleet, "cloud", { host });
const contentOf = ({ files }: { files: readonly { path: string; content: string }[] }, path: string) =>
  files.find((file) => file.path === path)?.content ?? "";
const nomadUnit = "/etc/systemd/system/nomad.service";

const all = sources.flatMap((source) => {
  const fleet = spoil(open, "sites.cloud.install", source);
  const federated = spoil(fleet, "regions.cloud.join", { kind: "workload-identity", subject: "1234567890" });
  return [
    [`server, ${source.kind}`, server(fleet)] as const,
    [
      `server that joins as itself, ${source.kind}`,
      gcpServerStartup(federated, "cloud", { host, joinClient }),
    ] as const,
    [`server with OS Login, ${source.kind}`, server(spoil(fleet, "sites.cloud.ssh.osLogin", true))] as const,
    ...["l4", "arm", "batch"].map((pool) => [`pool ${pool}, ${source.kind}`, gcpPoolStartup(fleet, pool)] as const),
  ];
});

describe("a startup script", () => {
  test.each(all)("of %s fits into a metadata value many times over", (_, { text }) => {
    expect(Buffer.byteLength(text)).toBeLessThan(MAXIMUM_METADATA_BYTES / 4);
  });

  test("is of Google Cloud alone", () => {
    expect(() => gcpServerStartup(gcpFleet(), "north", { host: "n-1" })).toThrow("site north is not on Google Cloud");
    expect(() => gcpPoolStartup(awsFleet(), "l4")).toThrow("site cloud is not on Google Cloud");
  });
});

describe("the startup script of a server", () => {
  test("holds the files of the bundle as they are, so that the bundle restarts nothing", () => {
    const bundle = serverBundle(gcpFleet(), "cloud");
    const shared = server().files.filter(({ path }) => bundle.files.some((file) => file.path === path));
    expect(shared.map(({ path }) => path)).toEqual([
      "/usr/local/lib/steppe/join",
      "/etc/systemd/system/tailscaled.service",
      "/etc/systemd/system/steppe-join.service",
      "/etc/steppe/machine.env",
    ]);
    for (const file of shared) expect(bundle.files).toContainEqual(file);
  });

  test("puts data_dir and the tailnet identity on the disk, and starts neither without it", () => {
    expect(server().text).toContain("data-volume '/dev/disk/by-id/google-steppe-data' /srv/steppe\n");
    const bundle = serverBundle(gcpFleet(), "cloud");
    expect(JSON.parse(contentOf(bundle, "/etc/nomad.d/steppe.json"))).toMatchObject({ data_dir: "/srv/steppe/nomad" });
    for (const unit of ["/etc/systemd/system/tailscaled.service", nomadUnit])
      expect(contentOf(bundle, unit)).toContain("RequiresMountsFor=/srv/steppe\n");
  });

  test("stays as it is when the fleet gets another Nomad or pool", () => {
    const changes: [string, unknown][] = [
      ["versions.nomad", "2.0.6"],
      ["pools.more", { ...gcpFleet().pools["l4"] }],
      ["pools.l4.count", 9],
    ];
    for (const [path, value] of changes) expect(server(spoil(gcpFleet(), path, value)).text).toBe(server().text);
  });

  test("shows the operator's host key alone, before it joins", () => {
    for (const [, { text }] of all.filter(([name]) => name.startsWith("server"))) {
      const key = text.indexOf("secret ssh-host.key | put 0600 root:root /etc/ssh/steppe_host_key sshd\n");
      expect(key).toBeGreaterThan(
        text.indexOf("\n/usr/local/lib/steppe/fetch-secrets acme-fleet small_server-cloud\n"),
      );
      expect(key).toBeLessThan(text.indexOf("systemctl restart steppe-join.service"));
    }
    expect(server(spoil(gcpFleet(), "sites.cloud.ssh.port", 2222)).text).toContain("\nPort 2222\n");
  });

  test("takes no key for the tailnet where the machine joins by workload identity", () => {
    const [, federated] = all.find(([name]) => name.startsWith("server that joins as itself")) ?? [];
    expect(federated?.text).not.toContain("secret tailnet.key");
    expect(federated?.text).toContain("STEPPE_CLIENT_ID='T1CNTRL-k2CNTRL'\n");
  });
});

describe("the startup script of a pool", () => {
  test("is the bundle, run for a machine named after its pool", () => {
    expect(gcpPoolStartup(gcpFleet(), "l4").text.endsWith(`\n${clientBundle(gcpFleet(), "l4").script}`)).toBe(true);
  });

  test("changes with the trust", () => {
    expect(gcpPoolStartup(gcpFleet(), "l4", { generation: 2 }).text).not.toBe(gcpPoolStartup(gcpFleet(), "l4").text);
  });

  test("locks the metadata server before Nomad starts, and lets Nomad not run without the lock", () => {
    const bundle = clientBundle(gcpFleet(), "l4");
    expect(contentOf(bundle, nomadUnit)).toContain(
      "Requires=steppe-metadata-lock.service\nAfter=steppe-metadata-lock.service\n",
    );
    expect(bundle.script.indexOf("systemctl restart steppe-metadata-lock.service")).toBeLessThan(
      bundle.script.indexOf("systemctl restart nomad.service"),
    );
  });

  test("runs all that may ask the metadata server in the slice that may", () => {
    const units = clientBundle(gcpFleet(), "l4").files.filter(({ path }) =>
      /(tailscaled|nomad|steppe-(join|notices|metadata-lock))\.service$|google-.*\.conf$/.test(path),
    );
    expect(units).toHaveLength(10);
    for (const unit of units) expect(unit.content).toContain("\nSlice=steppe.slice\n");
  });

  test("has no lock, and leaves Google's services where they are, where the pool lets tasks ask", () => {
    const bundle = clientBundle(open, "batch");
    expect(bundle.files.filter(({ path }) => /metadata-lock|google-/.test(path))).toEqual([]);
    expect(contentOf(bundle, nomadUnit)).not.toContain("metadata-lock");
    expect(bundle.script).not.toContain("google-guest-agent");
  });

  test("lets Nomad drain before Docker stops, since preemption begins with the end of all services", () => {
    expect(contentOf(clientBundle(gcpFleet(), "l4"), nomadUnit)).toContain("After=docker.service\n");
    const exec = spoil(gcpFleet(), "pools.l4.drivers", ["exec"]);
    expect(contentOf(clientBundle(exec, "l4"), nomadUnit)).not.toContain("docker");
  });

  test.each([
    ["l4", undefined, "20s", 50],
    ["arm", undefined, "75s", 105],
    ["l4", 25, "25s", 55],
  ])("drains pool %s within what Google Cloud gives it, the fleet saying %s", (pool, given, deadline, stop) => {
    const bundle = clientBundle(spoil(gcpFleet(), `pools.${pool}.drainSeconds`, given), pool);
    expect(JSON.parse(contentOf(bundle, "/etc/nomad.d/steppe.json"))).toMatchObject({
      client: { drain_on_shutdown: { deadline } },
    });
    expect(contentOf(bundle, nomadUnit)).toContain(`TimeoutStopSec=${stop}\n`);
  });
});

describeWithTool("curl", "a machine's name", () => {
  const head = (text: string) => text.slice(0, text.indexOf(clientBundle(gcpFleet(), "l4").script));

  test.each([
    ["small-l4-x7k2", "l4-x7k2\n", 0],
    ["small-l4-0", "l4-0\n", 0],
    ["x7k2", "", 1],
    ["small-l4-", "", 1],
    ["Small-l4-x7k2", "", 1],
    ["small-l4-$(id)", "", 1],
    ["", "", 1],
  ])("of instance %j is as it should be", async (instance, name, status) => {
    const metadata = await gcpMetadata(instance);
    const home = new ScriptHome();
    home.put("/head", `${head(gcpPoolStartup(gcpFleet(), "l4").text)}\necho "$1"`);
    const result = await home.run("/head", [], {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      STEPPE_NAME_SECONDS: "1",
    });
    home.remove();
    await metadata.stop();
    expect(result).toMatchObject({ status, stdout: name });
  });

  test("is asked for until the metadata server answers", async () => {
    const metadata = await gcpMetadata();
    metadata.mood = "failing";
    setTimeout(() => (metadata.mood = "well"), 500);
    const home = new ScriptHome();
    home.put("/head", `${head(gcpPoolStartup(gcpFleet(), "l4").text)}\necho "$1"`);
    const child = home.start("/head", [], { GCE_METADATA_HOST: new URL(metadata.url).host });
    const result = await ended(child);
    home.remove();
    await metadata.stop();
    expect(result).toEqual({ status: 0, stdout: "l4-x7k2\n", stderr: "" });
  });
});

describeWithTool("shellcheck", "shellcheck", (shellcheck) => {
  const scripts = new Map<string, string>();
  for (const [name, { text, files }] of all) {
    scripts.set(name, text);
    for (const { path, content } of files)
      if (content.startsWith("#!")) scripts.set(path, content);
      else if (path.endsWith("/gcp")) scripts.set(path, `#!/bin/sh\n${content}`);
  }
  test.each([...scripts])("finds nothing in %s", (_, script) => {
    const { stdout } = spawnSync(shellcheck, ["--shell=sh", "--enable=quote-safe-variables", "-"], {
      input: script,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  });
});

describeWithTool("systemd-analyze", "systemd", (systemdAnalyze) => {
  test.each([
    ["a server", serverBundle(gcpFleet(), "cloud")],
    ["a pool's machine", clientBundle(gcpFleet(), "l4")],
    ["a pool's machine whose tasks may ask", clientBundle(open, "batch")],
  ])("understands the units of %s", (_, bundle) => {
    const directory = mkdtempSync(join(tmpdir(), "steppe-units-"));
    const units = bundle.files.filter(({ path }) => /^\/etc\/systemd\/system\/[^/]*$/.test(path));
    // It looks for each program, and none is installed here.
    const runnable = (content: string) =>
      content
        .replaceAll("/usr/local/lib/steppe/", "/bin/true ")
        .replace(/^(Exec\w+=)(nomad|tailscaled)/gm, "$1/bin/true");
    for (const { path, content } of units) writeFileSync(join(directory, basename(path)), runnable(content));
    const { status, stderr } = spawnSync(
      systemdAnalyze,
      ["verify", "--man=no", ...units.map(({ path }) => join(directory, basename(path)))],
      { encoding: "utf8", env: { ...process.env, SYSTEMD_UNIT_PATH: `${directory}:` } },
    );
    rmSync(directory, { recursive: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
