import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { clientBundle, type MachineBundle } from "../../constructs/machine/bundle";
import { paths } from "../../constructs/machine/paths";
import { dockerSettings } from "../../constructs/machine/shell/docker";
import { gpuCheck, gpuDriverFromRepository, placeDevicePlugin } from "../../constructs/machine/shell/gpu";
import { installFromMirror } from "../../constructs/machine/shell/install";
import type { GpuDriver } from "../../model/gpu-types";
import type { InstallSource } from "../../model/types";
import { smallFleet, spoil } from "../helpers/fleet";
import { type Ended, ScriptHome } from "../helpers/machine-script";

let home: ScriptHome;
beforeEach(() => (home = new ScriptHome()));
afterEach(() => home.remove());

const gpus = (...names: string[]) => home.program("nvidia-smi", `cat <<'E'\n${names.join("\n")}\nE`);
const log = () => readFileSync(home.path("log"), "utf8").trim().split("\n");

describe("gpu-check", () => {
  const check = (...more: string[]): Promise<Ended> => {
    home.put(`${paths.library}/gpu-check`, gpuCheck);
    return home.run(`${paths.library}/gpu-check`, ["2", "NVIDIA L4", ...more], { STEPPE_GPU_SECONDS: "0" });
  };

  test.each([[[]], [["start"]]])("is content with what the fleet says, %j", async (more) => {
    gpus("NVIDIA L4", "NVIDIA L4");
    expect(await check(...more)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test.each([
    ["fewer", ["NVIDIA L4"], "1 x NVIDIA L4"],
    ["more", ["NVIDIA L4", "NVIDIA L4", "NVIDIA L4"], "3 x NVIDIA L4"],
    ["others", ["Tesla T4", "Tesla T4"], "2 x Tesla T4"],
    ["some others", ["NVIDIA L4", "NVIDIA L40S"], "1 x NVIDIA L4,1 x NVIDIA L40S"],
  ])("refuses %s, and says what there is", async (_, names, said) => {
    gpus(...names);
    expect(await check()).toEqual({
      status: 1,
      stdout: "",
      stderr: `steppe: this machine's GPUs are ${said}, the fleet says 2 x NVIDIA L4\n`,
    });
  });

  test("lets Nomad start again where a GPU has failed, for the work on the others", async () => {
    gpus("NVIDIA L4");
    const { status, stderr } = await check("start");
    expect(status).toBe(0);
    expect(stderr).toContain("the fleet says 2 x NVIDIA L4; going on with what there is\n");
  });

  test("lets Nomad not start again with other GPUs", async () => {
    gpus("NVIDIA L4", "Tesla T4");
    expect((await check("start")).status).toBe(1);
  });

  test("refuses a machine without a driver", async () => {
    const { status, stderr } = await check();
    expect(status).toBe(1);
    expect(stderr).toContain("nvidia-smi is not on PATH. Use an image that brings it, or set gpuDriver");
  });

  test("says what a driver says that does not answer", async () => {
    home.program("nvidia-smi", "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18");
    const { status, stderr } = await check("start");
    expect(status).toBe(1);
    expect(stderr).toContain(
      "does not answer: Failed to initialize NVML: Driver/library version mismatch. After a change",
    );
  });

  test("waits for a driver whose modules are not loaded yet", async () => {
    home.put(`${paths.library}/gpu-check`, gpuCheck);
    home.program("modprobe", `echo "$1" >>${home.path("log")}`);
    home.program("nvidia-smi", `[ -e ${home.path("log")} ] || exit 9\nprintf 'NVIDIA L4\\nNVIDIA L4\\n'`);
    const { status } = await home.run(`${paths.library}/gpu-check`, ["2", "NVIDIA L4"], { STEPPE_GPU_SECONDS: "30" });
    expect({ status, loaded: log() }).toEqual({ status: 0, loaded: ["nvidia"] });
  });
});

/** Runs a step of a bundle where it does no harm: `put` and `changed` are there, the system's directories are elsewhere. */
async function step(text: string): Promise<Ended> {
  const changed = home.path("changed");
  mkdirSync(changed, { recursive: true });
  let led = `set -eu\nchanged=${changed}\nput() { mkdir -p "$(dirname "$3")"; cat >"$3"; : >"$changed/$4"; }\n${text}`;
  for (const root of [
    "/etc/apt",
    "/etc/docker",
    "/etc/os-release",
    "/etc/steppe",
    "/usr/local/bin",
    "/usr/share/keyrings",
  ]) {
    led = led.replaceAll(root, home.path(root));
    if (root !== "/etc/os-release") mkdirSync(home.path(root), { recursive: true });
  }
  mkdirSync(home.path("/etc/apt/sources.list.d"), { recursive: true });
  writeFileSync(home.path("step"), led);
  return await home.run("step", [], {});
}

describe("the driver from NVIDIA's repository", () => {
  const KEY = "EB693B3035CD5710E231E123A4B469963BF863CC";
  const machine = (os: string, fingerprint = KEY, more = "") => {
    home.put("/etc/os-release", os);
    home.program("curl", `echo "curl $*" >>${home.path("log")}; while [ "$1" != -o ]; do shift; done; echo key >"$2"`);
    home.program("gpg", `case "$*" in *--show-keys*) echo "fpr:::::::::${fingerprint}:" ;; *) exit 1 ;; esac`);
    home.program("apt-get", `echo "apt-get $*" >>${home.path("log")}\n${more}`);
    home.program("modprobe", "exit 1");
    home.program("uname", 'case "$1" in -m) echo x86_64 ;; *) echo 6.8.0-1029-aws ;; esac');
  };
  const UBUNTU = 'ID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n';
  const installs = () =>
    log()
      .filter((line) => line.includes(" install "))
      .map((line) => line.replace(/^.*--no-install-recommends /, ""));

  test("comes with the kernel's headers, the branch before the driver", async () => {
    machine(UBUNTU);
    expect(await step(gpuDriverFromRepository(580, false))).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(installs()).toEqual([
      "linux-headers-6.8.0-1029-aws",
      "nvidia-driver-pinning-580",
      "--allow-downgrades nvidia-open",
    ]);
    const base = "https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/x86_64";
    expect(readFileSync(home.path("/etc/apt/sources.list.d/nvidia-driver.list"), "utf8")).toBe(
      `deb [signed-by=${home.path("/usr/share/keyrings")}/nvidia-driver.gpg] ${base}/ /\n`,
    );
    expect(log()[0]).toContain(` ${base}/3bf863cc.pub`);
  });

  test("takes Debian 13's own key, and its contrib", async () => {
    machine('ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n', "02182E60104FCDC26EAE1B8597A5D4CB8793F200");
    expect((await step(gpuDriverFromRepository(590, false))).status).toBe(0);
    expect(log()[0]).toContain("/debian13/x86_64/8793F200.pub");
    expect(installs()).toContain("nvidia-driver-pinning-590");
    expect(readFileSync(home.path("/etc/apt/sources.list.d/steppe-contrib.list"), "utf8")).toContain(
      " trixie contrib\n",
    );
  });

  test("is refused where the key is another", async () => {
    machine(UBUNTU, "0".repeat(40));
    const { status, stderr } = await step(gpuDriverFromRepository(580, false));
    expect(status).toBe(1);
    expect(stderr).toContain(`3bf863cc.pub is not ${KEY}; nothing was installed`);
    expect(log().filter((line) => line.startsWith("apt-get"))).toEqual([]);
  });

  test("is refused where Steppe knows no key", async () => {
    machine("ID=fedora\nVERSION_ID=42\n");
    const { status, stderr } = await step(gpuDriverFromRepository(580, false));
    expect(status).toBe(1);
    expect(stderr).toContain("Steppe knows no key of NVIDIA's repository for fedora42");
  });

  test("says so where there are no headers of the kernel", async () => {
    machine(UBUNTU, KEY, 'case "$*" in *linux-headers*) exit 100 ;; esac');
    const { status, stderr } = await step(gpuDriverFromRepository(580, false));
    expect(status).toBe(1);
    expect(stderr).toContain("no headers of the running kernel 6.8.0-1029-aws");
  });

  test("is left alone where it is of the branch", async () => {
    machine(UBUNTU);
    gpus("580.95.05", "580.95.05");
    writeFileSync(home.path("log"), "");
    expect((await step(gpuDriverFromRepository(580, false))).status).toBe(0);
    expect(log()).toEqual([""]);
  });
});

describe("Docker's runtime for GPUs", () => {
  const SETTINGS = "/etc/docker/daemon.json";
  const settings = () => JSON.parse(readFileSync(home.path(SETTINGS), "utf8")) as Record<string, unknown>;
  const RUNTIMES = { nvidia: { path: "nvidia-container-runtime", args: [] } };

  test.each(["20.10.24", "28.5.1"])("stands beside the packet size, Docker %s", async (version) => {
    home.program("dockerd", `echo "Docker version ${version}, build 0"`);
    expect((await step(dockerSettings({ nvidia: true }))).status).toBe(0);
    expect(settings()).toMatchObject({ mtu: 1280, runtimes: RUNTIMES });
    home.put(`${paths.settings}/files`, `${home.path(SETTINGS)}\n`);
    await step(dockerSettings({ nvidia: false }));
    expect(settings()).not.toHaveProperty("runtimes");
  });

  test.each([
    [{ mtu: 1280 }, 1],
    [{ mtu: 1280, runtimes: RUNTIMES }, 0],
  ])("must be in a file that the image brought: %j", async (own, status) => {
    home.program("dockerd", "exit 0");
    home.put(SETTINGS, JSON.stringify(own));
    const ended = await step(dockerSettings({ nvidia: true }));
    expect({ status: ended.status, own: settings() }).toEqual({ status, own });
    expect(ended.stderr.includes("run nvidia-ctk runtime configure --runtime=docker")).toBe(status === 1);
  });
});

describe("the device plugin", () => {
  test("is put where Nomad looks, and Nomad is restarted for a new one alone", async () => {
    const place = placeDevicePlugin("nomad-device-nvidia", home.path("/plugins"));
    home.program("nomad-device-nvidia", "exit 1");
    expect((await step(`${place}ls "$changed"\nrm -f "$changed/nomad"`)).stdout).toBe("nomad\n");
    expect((await step(`${place}ls "$changed"`)).stdout).toBe("");
    home.program("nomad-device-nvidia", "exit 2");
    expect((await step(`${place}ls "$changed"`)).stdout).toBe("nomad\n");
  });

  test("that the image lacks is missed by name", async () => {
    const { status, stderr } = await step(placeDevicePlugin("nomad-device-amd", home.path("/plugins")));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "steppe: this machine's image has no nomad-device-amd on PATH, the device plugin of its pool\n",
    });
  });

  test("from a mirror is what the fleet says, or is not installed", async () => {
    home.program("curl", `while [ "$1" != -o ]; do shift; done; echo other >"$2"`);
    const mirror = `mirror=https://m.example.com\ngpu_plugin_archive=plugin.zip\ngpu_plugin_sha256=${"a".repeat(64)}\n`;
    const { status, stderr } = await step(mirror + installFromMirror(["nomad-device-nvidia"]));
    expect(status).toBe(1);
    expect(stderr).toContain(`https://m.example.com/plugin.zip is not the file with SHA-256 ${"a".repeat(64)}`);
  });
});

describe("the bundle of a pool with GPUs", () => {
  const bundle = (more: { driver?: GpuDriver; install?: InstallSource; drivers?: string[] } = {}): MachineBundle => {
    let fleet = spoil(smallFleet(), "sites.north.install", more.install ?? { kind: "repository" });
    if (more.driver !== undefined) fleet = spoil(fleet, "pools.gpu.gpuDriver", more.driver);
    return clientBundle(spoil(fleet, "pools.gpu.drivers", more.drivers), "gpu");
  };
  const contentOf = ({ files }: MachineBundle, path: string) => files.find((file) => file.path === path)?.content ?? "";
  const configOf = (of: MachineBundle) =>
    JSON.parse(contentOf(of, "/etc/nomad.d/steppe.json")) as Record<string, unknown>;

  test("has the device plugin by the name of its program, where Nomad looks", () => {
    expect(configOf(bundle())).toMatchObject({
      plugin_dir: "/var/lib/nomad/plugins",
      plugin: {
        "nomad-device-nvidia": { config: {} },
        docker: { config: { allow_runtimes: ["runc", "nvidia"] } },
      },
    });
    expect(bundle().script).toContain("/var/lib/nomad/plugins/nomad-device-nvidia");
  });

  test("checks its GPUs before Nomad starts, and at each start", () => {
    const { script } = bundle();
    const check = "/usr/local/lib/steppe/gpu-check 8 'NVIDIA H100 80GB HBM3'";
    expect(script.indexOf(`\n${check}\n`)).toBeGreaterThan(0);
    expect(script.indexOf(`\n${check}\n`)).toBeLessThan(script.indexOf("systemctl restart nomad.service"));
    expect(contentOf(bundle(), "/etc/systemd/system/nomad.service")).toContain(
      `\nExecStartPre=+${check} start\nExecStart=`,
    );
  });

  test("installs plugin and toolkit at one go with Nomad, each at its version", () => {
    const { script } = bundle();
    expect(script).toContain("gpu_plugin_version=1.1.0\ngpu_toolkit_version=1.19.1\n");
    expect(script).toContain(
      '"nomad=$nomad_version-1" "tailscale=$tailscale_version" "nomad-device-nvidia=$gpu_plugin_version-1" ' +
        '"libnvidia-container1=$gpu_toolkit_version-1" "libnvidia-container-tools=$gpu_toolkit_version-1" ' +
        '"nvidia-container-toolkit-base=$gpu_toolkit_version-1" "nvidia-container-toolkit=$gpu_toolkit_version-1"\n',
    );
    expect(script.match(/repository hashicorp/g)).toHaveLength(1);
  });

  test("has no toolkit without Docker", () => {
    const { script } = bundle({ drivers: ["raw_exec"] });
    expect(script).toContain("nomad-device-nvidia=");
    expect(script).not.toContain("nvidia-container");
  });

  test("wants of the image what it does not install", () => {
    expect(bundle({ install: { kind: "image" } }).script).toContain(
      "for program in nomad tailscale tailscaled nomad-device-nvidia nvidia-ctk nvidia-container-runtime; do\n",
    );
  });

  test("installs a driver only where the pool says so", () => {
    expect(bundle().script).not.toContain("nvidia-open");
    const { script } = bundle({ driver: { kind: "repository", branch: 590 }, install: { kind: "image" } });
    expect(script.indexOf("nvidia-driver-pinning-590")).toBeGreaterThan(script.indexOf("repository() {"));
  });

  test("leaves unmanaged GPUs to the image, but for the plugin's name", () => {
    const unmanaged = bundle({ driver: { kind: "unmanaged", devicePlugin: "fake-gpu", reason: "a stand-in" } });
    expect(unmanaged.script).not.toMatch(/nvidia-(smi|ctk|container)|nomad-device-nvidia|gpu-check/);
    expect(configOf(unmanaged)["plugin"]).toMatchObject({ "fake-gpu": { config: {} } });
    const none = bundle({ driver: { kind: "unmanaged", reason: "a stand-in" } });
    expect(configOf(none)).not.toHaveProperty("plugin_dir");
  });
});
