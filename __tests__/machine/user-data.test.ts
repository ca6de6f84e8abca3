import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { clientBundle, serverBundle } from "../../constructs/machine/bundle";
import { poolUserData, serverUserData } from "../../constructs/machine/user-data";
import { packUserData, userDataProblems } from "../../constructs/machine/user-data-size";
import type { Fleet, InstallSource } from "../../model/types";
import { awsFleet, spoil } from "../helpers/fleet";
import { describeWithTool } from "../helpers/tools";

const sources: InstallSource[] = [
  { kind: "image" },
  { kind: "repository" },
  { kind: "mirror", baseUrl: "https://mirror.example.com", sha256: {} },
];
const host = "small-cloud-1";
const server = (fleet: Fleet = awsFleet()) => serverUserData(fleet, "cloud", { host });
const contentOf = ({ files }: { files: readonly { path: string; content: string }[] }, path: string) =>
  files.find((file) => file.path === path)?.content ?? "";

const all = sources.flatMap((source) => {
  const fleet = spoil(awsFleet(), "sites.cloud.install", source);
  const federated = spoil(fleet, "regions.cloud.join", {
    kind: "workload-identity",
    issuer: "https://x",
    subject: "y",
  });
  const joinClient = { id: "T1CNTRL-k2CNTRL", audience: "api.tailscale.com/T1CNTRL" };
  return [
    [`server, ${source.kind}`, server(fleet)] as const,
    [
      `server with a workload identity, ${source.kind}`,
      serverUserData(federated, "cloud", { host, joinClient }),
    ] as const,
    [`pool l4, ${source.kind}`, poolUserData(fleet, "l4")] as const,
    [`pool arm, ${source.kind}`, poolUserData(fleet, "arm")] as const,
  ];
});

describe("user data", () => {
  test.each(all)("of %s fits into what EC2 takes, with room to grow", (_, userData) => {
    expect(userDataProblems("x", userData)).toEqual([]);
    expect(Buffer.from(packUserData(userData), "base64").length).toBeLessThan(15_000);
  });

  test("is packed as cloud-init unpacks it", () => {
    expect(gunzipSync(Buffer.from(packUserData(server()), "base64")).toString()).toBe(server().text);
  });

  test("that is too long is refused, with what takes the most", () => {
    const noise = Array.from({ length: 4000 }, (_, index) => (index * 2_654_435_761).toString(36)).join("");
    const meta = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`m${index}`, noise.slice(index * 3000)]));
    const userData = poolUserData(spoil(awsFleet(), "pools.l4.nodeMeta", meta), "l4");
    expect(userDataProblems("pools.l4", userData)).toEqual([
      {
        path: "pools.l4",
        rule: expect.stringMatching(/^has user data of \d{5} bytes compressed, and EC2 takes 16384$/),
        fix: expect.stringMatching(/^shorten what takes the most: \/etc\/nomad\.d\/steppe\.json \(\d{5}\), \//),
      },
    ]);
  });
});

describe("ARM", () => {
  const mirror = spoil(awsFleet(), "sites.cloud.install", sources[2]);

  test("takes its own archives from a mirror, server and pool alike", () => {
    const arm = spoil(mirror, "regions.cloud.servers", { count: 3, machineType: "m7g.large", architecture: "arm64" });
    expect(server(arm).text).toContain("tailscale_archive=tailscale_1.102.3_arm64.tgz\n");
    for (const { script } of [serverBundle(arm, "cloud"), clientBundle(arm, "arm")]) {
      expect(script).toContain("nomad_archive=nomad_2.0.5_linux_arm64.zip\n");
      expect(script).toContain("tailscale_archive=tailscale_1.102.3_arm64.tgz\n");
      expect(script).not.toContain("amd64");
    }
  });

  test("leaves other machines of its site alone", () => {
    for (const { script } of [serverBundle(mirror, "cloud"), clientBundle(mirror, "batch")])
      expect(script).not.toContain("arm64");
  });
});

describe("user data of a server", () => {
  test("holds the files of the bundle as they are, so that the bundle restarts nothing", () => {
    const bundle = serverBundle(awsFleet(), "cloud");
    const shared = server().files.filter(({ path }) => bundle.files.some((file) => file.path === path));
    expect(shared.map(({ path }) => path)).toEqual([
      "/usr/local/lib/steppe/join",
      "/etc/systemd/system/tailscaled.service",
      "/etc/systemd/system/steppe-join.service",
      "/etc/steppe/machine.env",
    ]);
    for (const file of shared) expect(bundle.files).toContainEqual(file);
  });

  test("puts data_dir and the tailnet identity on the volume, and starts neither without it", () => {
    expect(server().text).toContain(
      "/usr/local/lib/steppe/data-volume '/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol*' /srv/steppe\n",
    );
    const bundle = serverBundle(awsFleet(), "cloud");
    expect(JSON.parse(contentOf(bundle, "/etc/nomad.d/steppe.json"))).toMatchObject({ data_dir: "/srv/steppe/nomad" });
    const tailscaled = contentOf(bundle, "/etc/systemd/system/tailscaled.service");
    expect(tailscaled).toContain("--statedir=/srv/steppe/tailscale ");
    for (const unit of [tailscaled, contentOf(bundle, "/etc/systemd/system/nomad.service")])
      expect(unit).toContain("RequiresMountsFor=/srv/steppe\n");
  });

  test("installs tailscale alone", () => {
    const { text } = server(spoil(awsFleet(), "sites.cloud.install", { kind: "repository" }));
    expect(text).toContain('"tailscale=$tailscale_version"');
    expect(text).not.toContain("nomad=");
    expect(text).not.toContain("releases.hashicorp.com");
  });

  test("stays as it is when the fleet gets another Nomad or pool", () => {
    const changes: [string, unknown][] = [
      ["versions.nomad", "2.0.6"],
      ["pools.more", { ...awsFleet().pools["l4"] }],
      ["pools.l4.count", 9],
    ];
    for (const [path, value] of changes) expect(server(spoil(awsFleet(), path, value)).text).toBe(server().text);
  });

  test("lets the operators in before anything can fail", () => {
    const { text } = server();
    expect(text.indexOf("ssh-ed25519 AAAA")).toBeLessThan(text.indexOf("data-volume"));
    expect(text).toContain("getent passwd admin ");
  });

  test("takes a device by its path", () => {
    const dataDevice = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0";
    expect(serverUserData(awsFleet(), "cloud", { host, dataDevice }).text).toContain(`data-volume '${dataDevice}' `);
  });

  test("shows the operator's host key alone, before it joins", () => {
    for (const [, { text }] of all.filter(([name]) => name.startsWith("server"))) {
      const key = text.indexOf("secret ssh-host.key | put 0600 root:root /etc/ssh/steppe_host_key sshd\n");
      expect(key).toBeGreaterThan(
        text.indexOf("\n/usr/local/lib/steppe/fetch-secrets eu-central-1 small/server-cloud\n"),
      );
      expect(key).toBeLessThan(text.indexOf("systemctl restart steppe-join.service"));
    }
    expect(server().text).toContain("\nPort 22\n");
    expect(server(spoil(awsFleet(), "sites.cloud.ssh.port", 2222)).text).toContain("\nPort 2222\n");
  });

  test("takes no key for the tailnet where the machine joins by workload identity", () => {
    const [, federated] = all.find(([name]) => name.startsWith("server with a workload identity")) ?? [];
    expect(federated?.text).not.toContain("secret tailnet.key");
    expect(federated?.text).toContain("STEPPE_CLIENT_ID='T1CNTRL-k2CNTRL'\n");
  });

  test("is of AWS alone", () => {
    expect(() => serverUserData(awsFleet(), "north", { host: "n-1" })).toThrow("site north is not on AWS");
  });
});

describe("user data of a pool", () => {
  test("is the bundle, run for a machine named after its instance", () => {
    const { text } = poolUserData(awsFleet(), "l4");
    expect(text.endsWith(`\n${clientBundle(awsFleet(), "l4").script}`)).toBe(true);
  });

  test.each([
    ["i-0123456789abcdef0", "l4-0123456789abcdef0\n", 0],
    ["nocloud", "", 1],
    ["i-", "", 1],
    ["i-$(id)", "", 1],
  ])("takes %s for an instance as it should", (instance, name, status) => {
    const { text } = poolUserData(awsFleet(), "l4");
    const head = text.slice(0, text.indexOf(clientBundle(awsFleet(), "l4").script));
    const script = `${head.replace("$(cat /var/lib/cloud/data/instance-id)", `'${instance}'`)}echo "$1"`;
    expect(spawnSync("sh", ["-c", script], { encoding: "utf8" })).toMatchObject({ status, stdout: name });
  });

  test("fetches secrets once, before the bundle reads them", () => {
    const { text } = poolUserData(awsFleet(), "l4");
    const fetched = text.indexOf("/usr/local/lib/steppe/fetch-secrets eu-central-1 small/client-l4\n");
    expect(fetched).toBeGreaterThan(0);
    expect(fetched).toBeLessThan(text.indexOf("secret ca.pem |"));
  });

  test("locks the metadata service before Nomad starts, and lets Nomad not run without the lock", () => {
    const bundle = clientBundle(awsFleet(), "l4");
    const nomad = contentOf(bundle, "/etc/systemd/system/nomad.service");
    expect(nomad).toContain("Requires=steppe-metadata-lock.service\nAfter=steppe-metadata-lock.service\n");
    expect(bundle.script.indexOf("systemctl restart steppe-metadata-lock.service")).toBeLessThan(
      bundle.script.indexOf("systemctl restart nomad.service"),
    );
  });

  test("runs all that may ask the metadata service in the slice that may", () => {
    const units = clientBundle(awsFleet(), "l4").files.filter(({ path }) =>
      /(tailscaled|nomad|steppe-(join|notices|metadata-lock))\.service$/.test(path),
    );
    expect(units).toHaveLength(5);
    for (const unit of units) expect(unit.content).toContain("\nSlice=steppe.slice\n");
  });

  test("has no lock where the pool lets tasks ask", () => {
    const bundle = clientBundle(awsFleet(), "arm");
    expect(bundle.files.map(({ path }) => path).filter((path) => path.includes("metadata-lock"))).toEqual([]);
    expect(contentOf(bundle, "/etc/systemd/system/nomad.service")).not.toContain("metadata-lock");
  });

  test("watches for the end of its own machine", () => {
    expect(contentOf(clientBundle(awsFleet(), "l4"), "/etc/systemd/system/steppe-notices.service")).toContain(
      "ExecStart=/usr/local/lib/steppe/notices eu-central-1 small-l4 drain\n",
    );
  });
});

describeWithTool("shellcheck", "shellcheck", (shellcheck) => {
  const scripts = new Map<string, string>();
  for (const [name, { text, files }] of all) {
    scripts.set(name, text);
    for (const { path, content } of files)
      if (content.startsWith("#!")) scripts.set(path, content);
      else if (path.endsWith("/aws")) scripts.set(path, `#!/bin/sh\n${content}`);
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
    ["a server", serverBundle(awsFleet(), "cloud")],
    ["a pool's machine", clientBundle(awsFleet(), "l4")],
    ["a pool's machine whose tasks may ask for its role", clientBundle(awsFleet(), "arm")],
  ])("understands the units of %s", (_, bundle) => {
    const directory = mkdtempSync(join(tmpdir(), "steppe-units-"));
    const units = bundle.files.filter(({ path }) => path.startsWith("/etc/systemd/system/"));
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
