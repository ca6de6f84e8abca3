import { readFileSync } from "node:fs";
import { clientBundle } from "../../constructs/machine/bundle";
import { checkPackage, installPackages, loadModule, runUnit } from "../../constructs/machine/shell/csi";
import { CsiDriver } from "../../model/csi-drivers";
import type { InstallSource } from "../../model/types";
import { democraticOptions, drivers, fleetWith } from "../helpers/csi";
import { spoil } from "../helpers/fleet";
import { type Ended, ScriptHome } from "../helpers/machine-script";

const iscsi = fleetWith("nas", CsiDriver.democraticCsi(democraticOptions[0]!));
const withSource = (install: InstallSource) => spoil(iscsi, "sites.north.install", install);
const scriptOf = (fleet: typeof iscsi, pool = "gpu") => clientBundle(fleet, pool).script;
const INSTALL = "apt-get install -y -q --no-install-recommends open-iscsi";
const MODULES = "/etc/modules-load.d/steppe-csi.conf";

describe("what machines have for CSI plugins", () => {
  test("is on those of the plugin's pools alone: other bundles are as they were", () => {
    const without = spoil(iscsi, "regions.north.storage", undefined);
    for (const pool of ["edge"]) expect(scriptOf(iscsi, pool)).toBe(scriptOf(without, pool));
    expect(scriptOf(without)).not.toContain("iscsi");
    expect(scriptOf(iscsi)).toContain("iscsiadm");
  });

  test("is not on those of plugins that need nothing", () => {
    const hostpath = fleetWith("disks", drivers["hostpath"]!);
    expect(clientBundle(hostpath, "gpu").files.map(({ path }) => path)).not.toContain(MODULES);
    expect(scriptOf(hostpath)).not.toMatch(/modules-load|tmpfiles|needs: boot one/);
  });

  test("comes from the repositories of the distribution, or must be there", () => {
    expect(scriptOf(withSource({ kind: "repository" }))).toContain(INSTALL);
    for (const source of [
      { kind: "image" },
      { kind: "mirror", baseUrl: "https://m.example.com", sha256: {} },
    ] as const) {
      expect(scriptOf(withSource(source))).not.toContain(INSTALL);
      expect(scriptOf(withSource(source))).toContain("command -v iscsiadm");
    }
  });

  test("is there before Nomad starts, and at every boot", () => {
    const { files, script } = clientBundle(iscsi, "gpu");
    expect(files.find(({ path }) => path === MODULES)?.content).toBe("iscsi_tcp\n");
    const at = (text: string) => {
      expect(script).toContain(text);
      return script.indexOf(text);
    };
    expect(at("modprobe iscsi_tcp")).toBeLessThan(at("systemctl enable --quiet tailscaled.service"));
    expect(at("systemctl enable --quiet --now iscsid.service")).toBeLessThan(at("systemctl restart nomad.service"));
  });

  test("is each thing once, for all plugins of a pool", () => {
    const nfs = { driver: CsiDriver.nfs(), pools: ["gpu"] };
    const two = spoil(spoil(iscsi, "regions.north.storage.plugins.a", nfs), "regions.north.storage.plugins.b", nfs);
    expect(clientBundle(two, "gpu").files.find(({ path }) => path === MODULES)?.content).toBe("iscsi_tcp\nnfs\n");
    expect(scriptOf(two).split("command -v mount.nfs")).toHaveLength(2);
  });

  test("are directories where a driver keeps its state", () => {
    const efs = fleetWith("efs", drivers["aws-efs"]!);
    const { files, script } = clientBundle(efs, "l4");
    expect(files.find(({ path }) => path === "/etc/tmpfiles.d/steppe-csi.conf")?.content).toBe(
      ["/run/efs", "/var/amazon/efs", "/etc/amazon/efs"].map((path) => `d ${path} 0755 root root -\n`).join(""),
    );
    expect(script).toContain("systemd-tmpfiles --create /etc/tmpfiles.d/steppe-csi.conf");
    // Controllers keep none.
    expect(scriptOf(efs, "batch")).not.toContain("tmpfiles");
  });
});

describe("the steps on a machine", () => {
  let home: ScriptHome;
  beforeEach(() => (home = new ScriptHome()));
  afterEach(() => home.remove());
  const step = (text: string): Promise<Ended> => {
    home.put("step", `set -eu\n${text}\n`);
    return home.run("step", [], {});
  };

  test("install what is not there, once", async () => {
    home.program("apt-get", `echo "$*" >>${home.path("log")}`);
    home.program("here", "");
    const packages = [
      { name: "a", command: "here" },
      { name: "b", command: "steppe-no-such-command" },
    ];
    expect((await step(installPackages(packages))).status).toBe(0);
    expect(readFileSync(home.path("log"), "utf8")).toBe("update -q\ninstall -y -q --no-install-recommends b\n");
  });

  test("say which package is missing", async () => {
    expect(await step(checkPackage("steppe-no-such-command", "open-iscsi"))).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "steppe: this machine has no steppe-no-such-command, which a CSI plugin of its pool needs: add the package open-iscsi to its image\n",
    });
  });

  test("say which module and which unit", async () => {
    home.program("modprobe", "exit 1");
    home.program("uname", "echo 6.1.0-cloud");
    home.program("systemctl", "exit 1");
    const [module, unit] = [await step(loadModule("iscsi_tcp")), await step(runUnit("iscsid.service"))];
    expect([module.status, unit.status]).toEqual([1, 1]);
    expect(module.stderr).toContain("the kernel 6.1.0-cloud of this machine has no module iscsi_tcp");
    expect(unit.stderr).toContain("iscsid.service does not run");
  });
});
