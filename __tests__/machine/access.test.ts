import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessUnits } from "../../constructs/machine/access-units";
import { clientBundle, type MachineBundle, serverBundle } from "../../constructs/machine/bundle";
import { paths } from "../../constructs/machine/paths";
import { access, ACCESS_ENV, passthroughAccess } from "../../constructs/machine/shell/access";
import type { Fleet } from "../../model/types";
import { awsFleet, externalFleet, gcpExternalFleet, spoil } from "../helpers/fleet";
import { type Ended, ScriptHome } from "../helpers/machine-script";
import { describeWithTool } from "../helpers/tools";

const pathsOf = ({ files }: MachineBundle) => files.map(({ path }) => path);
const accessPaths = (bundle: MachineBundle) => pathsOf(bundle).filter((path) => path.includes("access"));

describe("bundle", () => {
  const closed = spoil(spoil(externalFleet(), "globalAccess", undefined), "regions.cloud.externalAccess", undefined);

  test("of servers has what opens the way, and starts it", () => {
    const bundle = serverBundle(externalFleet(), "cloud");
    expect(accessPaths(bundle)).toEqual([
      "/etc/systemd/system/steppe-access.service",
      "/etc/systemd/system/steppe-access-api@.socket",
      "/etc/systemd/system/steppe-access-api@.service",
      "/etc/systemd/system/steppe-access-health@.socket",
      "/etc/systemd/system/steppe-access-health@.service",
      "/usr/local/lib/steppe/access",
      "/usr/local/lib/steppe/access-health",
    ]);
    expect(bundle.script).toContain("systemctl restart steppe-access.service");
  });

  test("of servers on Google Cloud takes packets that are not for the machine, and has what it needs for that", () => {
    const bundle = serverBundle(gcpExternalFleet(), "cloud");
    expect(
      accessPaths(bundle).filter((path) => !accessPaths(serverBundle(externalFleet(), "cloud")).includes(path)),
    ).toEqual(["/usr/local/lib/steppe/access-passthrough"]);
    expect(bundle.script).toMatch(/^need nft nftables$/m);
    expect(serverBundle(externalFleet(), "cloud").script).not.toMatch(/^need nft/m);
    const retired = spoil(gcpExternalFleet(), "regions.cloud.retired", { reason: "moved" });
    expect(serverBundle(retired, "cloud").script).not.toMatch(/^need nft/m);
  });

  test("of servers of a region without it has nothing of it", () => {
    const bundle = serverBundle(closed, "cloud");
    expect(accessPaths(bundle)).toEqual([]);
    expect(bundle.script).not.toMatch(/steppe-access\S*\.socket|systemctl restart steppe-access/);
    const without = spoil(spoil(closed, "sites.ohio", undefined), "regions.ohio", undefined);
    expect(serverBundle(without, "cloud").script).toBe(serverBundle(awsFleet(), "cloud").script);
  });

  test.each(["regions.cloud.externalAccess.retired", "regions.cloud.retired", "sites.cloud.retired"])(
    "of servers has nothing of it any more: %s",
    (path) => {
      const fleet: Fleet = spoil(externalFleet(), path, { reason: "everybody is in the tailnet now" });
      expect(accessPaths(serverBundle(fleet, "cloud"))).toEqual([]);
    },
  );

  test("of clients never has it, and Nomad's own configuration is what it was", () => {
    expect(clientBundle(externalFleet(), "batch").script).toBe(clientBundle(closed, "batch").script);
    const configOf = (fleet: Fleet) =>
      serverBundle(fleet, "cloud").files.filter(({ concern }) => concern === "nomad" || concern === "tailscaled");
    expect(configOf(externalFleet())).toEqual(configOf(closed));
  });
});

describe("units", () => {
  const units = accessUnits(["10.3.0.0/16", "10.4.0.0/20"], "/srv/steppe");
  const unit = (name: string) => units[name] ?? "";

  test("listen on the address that they are named after, and no other", () => {
    const listen = Object.values(units).flatMap((text) => text.match(/^Listen.*$/gm) ?? []);
    expect(listen).toEqual(["ListenStream=%i:4646", "ListenStream=%i:4649"]);
  });

  test("end with Nomad", () => {
    expect(unit("steppe-access.service")).toContain("BindsTo=nomad.service\nAfter=nomad.service\n");
    for (const name of ["steppe-access-api@.socket", "steppe-access-api@.service", "steppe-access-health@.socket"])
      expect(unit(name)).toContain("PartOf=steppe-access.service\n");
  });

  test("behind a load balancer that passes packets on take none once Nomad has stopped", () => {
    const down = "ExecStopPost=/usr/local/lib/steppe/access-passthrough down\n";
    const passed = accessUnits(["10.3.0.0/16"], "/srv/steppe", true);
    expect(passed["steppe-access.service"]).toContain(down);
    expect({
      ...passed,
      "steppe-access.service": passed["steppe-access.service"]?.replace(down, ""),
    }).toEqual(accessUnits(["10.3.0.0/16"], "/srv/steppe"));
  });

  test("call a server healthy only while its way is open", () => {
    expect(unit("steppe-access-health@.socket")).toContain("BindsTo=steppe-access-api@%i.socket\n");
  });

  test("run what answers strangers without rights, away from Nomad's data", () => {
    expect(unit("steppe-access-api@.service")).toMatch(/^DynamicUser=yes$/m);
    expect(unit("steppe-access-health@.service")).toMatch(/^User=nomad$/m);
    expect(unit("steppe-access-health@.service")).toMatch(/^InaccessiblePaths=-\/srv\/steppe$/m);
    for (const name of ["steppe-access-api@.service", "steppe-access-health@.service"])
      expect(unit(name)).toMatch(/^CapabilityBoundingSet=$/m);
  });

  describeWithTool("systemd-analyze", "systemd", (analyze) => {
    test("knows every setting, and what each unit needs", () => {
      const directory = mkdtempSync(join(tmpdir(), "steppe-units-"));
      const programs = /\/usr\/local\/lib\/steppe\/\S+|\/usr\/lib\/systemd\/systemd-socket-proxyd/g;
      writeFileSync(join(directory, "nomad.service"), "[Service]\nExecStart=/bin/true\n");
      const files = Object.entries(units).map(([name, text]) => {
        // What stands for all addresses has to be there; one address makes it whole.
        const [all, one] = [join(directory, name), join(directory, name.replace("@.", "@10.3.0.5."))];
        for (const file of [all, one]) writeFileSync(file, text.replaceAll(programs, "/bin/true"));
        return one;
      });
      const { stdout, stderr } = spawnSync(analyze, ["verify", "--man=no", ...files], { encoding: "utf8" });
      rmSync(directory, { recursive: true });
      expect([stdout, stderr]).toEqual(["", ""]);
    });
  });
});

describe("access", () => {
  let home: ScriptHome;
  const machine = (addresses: { tailnet?: string; networks?: Readonly<Record<string, readonly string[]>> }) => {
    const lines = Object.entries(addresses.networks ?? {}).map(
      ([network, own]) =>
        `*" to ${network}") ${own.map((address) => `echo "2: ens5    inet ${address}/20 brd 10.3.15.255 scope global dynamic ens5"`).join("; ") || ":"} ;;`,
    );
    home.program(
      "ip",
      `case "$*" in\n*"dev tailscale0") echo "3: tailscale0    inet ${addresses.tailnet ?? "100.64.0.9"}/32 scope global tailscale0" ;;\n${lines.join("\n")}\nesac`,
    );
  };
  const guarded = (address: string) =>
    home.put(
      paths.runtimeConfig,
      `{\n  "name": "small-cloud-1",\n  "bind_addr": "${address}",\n  "addresses": { "http": "127.0.0.1 ${address}" }\n}\n`,
    );
  const open = (...networks: readonly string[]): Promise<Ended> =>
    home.run(`${paths.library}/access`, networks.length === 0 ? ["10.3.0.0/16"] : networks, {});
  const started = () =>
    existsSync(home.path("systemctl.log")) ? readFileSync(home.path("systemctl.log"), "utf8").trim().split("\n") : [];

  beforeEach(() => {
    home = new ScriptHome();
    mkdirSync(home.path(paths.runtime), { recursive: true });
    home.put(`${paths.library}/access`, access);
    home.program("systemctl", `echo "$*" >>${home.path("systemctl.log")}`);
    machine({ networks: { "10.3.0.0/16": ["10.3.0.5"] } });
    guarded("100.64.0.9");
  });
  afterEach(() => home.remove());

  test("opens the machine's address in the site's networks towards the guard's, the health last", async () => {
    expect(await open()).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(home.path(ACCESS_ENV), "utf8")).toBe("STEPPE_NOMAD_ADDRESS=100.64.0.9\n");
    expect(started()).toEqual([
      "start steppe-access-api@10.3.0.5.socket",
      "start steppe-access-health@10.3.0.5.socket",
    ]);
  });

  test("finds an address in a further network", async () => {
    machine({ networks: { "10.3.0.0/16": [], "10.4.0.0/20": ["10.4.0.7"] } });
    expect((await open("10.3.0.0/16", "10.4.0.0/20")).status).toBe(0);
    expect(started()[0]).toBe("start steppe-access-api@10.4.0.7.socket");
  });

  test.each<[string, () => void, string]>([
    ["its guard wrote nothing", () => rmSync(home.path(paths.runtimeConfig)), "its guard has found no tailnet address"],
    ["its guard wrote no address", () => guarded("{{ x }}"), "its guard has found no tailnet address"],
    [
      "its guard's address is gone",
      () => machine({ tailnet: "100.64.0.8" }),
      "100.64.0.9 of its guard is not on tailscale0",
    ],
    ["the machine is elsewhere", () => machine({ networks: {} }), "this machine has no address in 10.3.0.0/16"],
    [
      "the machine is there twice",
      () => machine({ networks: { "10.3.0.0/16": ["10.3.0.5", "10.3.16.5"] } }),
      "this machine has two addresses in 10.3.0.0/16: 10.3.0.5 and 10.3.16.5",
    ],
  ])("opens nothing where %s", async (_, spoilIt, reason) => {
    expect((await open()).status).toBe(0);
    rmSync(home.path("systemctl.log"));
    spoilIt();
    const { status, stderr } = await open();
    expect(status).toBe(1);
    expect(stderr).toContain(`steppe access: Nomad is not reachable from outside the tailnet: ${reason}`.slice(0, 60));
    expect(stderr).toContain(reason);
    expect(started()).toEqual([]);
    expect(existsSync(home.path(ACCESS_ENV))).toBe(false);
  });

  describe("behind a load balancer that passes packets on", () => {
    const turned = (ends: number) =>
      home.put(
        `${paths.library}/access-passthrough`,
        `#!/bin/sh\necho "pass $*" >>${home.path("systemctl.log")}\nexit ${ends}\n`,
      );
    beforeEach(() => home.put(`${paths.library}/access`, passthroughAccess(443)));

    test("turns packets to the machine's address before anything listens", async () => {
      turned(0);
      expect(await open()).toMatchObject({ status: 0, stderr: "" });
      expect(started()).toEqual([
        "pass up 10.3.0.5 443",
        "start steppe-access-api@10.3.0.5.socket",
        "start steppe-access-health@10.3.0.5.socket",
      ]);
    });

    test("opens nothing where they cannot be turned", async () => {
      turned(1);
      expect(await open()).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("packets to the load balancer are not taken"),
      });
      expect(started()).toEqual(["pass up 10.3.0.5 443"]);
      expect(existsSync(home.path(ACCESS_ENV))).toBe(false);
    });
  });

  test("tells nobody that the server is well where its port is taken", async () => {
    home.program("systemctl", `echo "$*" >>${home.path("systemctl.log")}; case "$*" in *api*) exit 1 ;; esac`);
    expect((await open()).status).toBe(1);
    expect(started()).toEqual(["start steppe-access-api@10.3.0.5.socket"]);
  });
});
