import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fleet } from "../../fleets/lab";
import { tapCommands } from "../../lab/fabric";
import { labSpecOf } from "../../lab/fleet-spec";
import { accelerationOf, describeAcceleration } from "../../lab/machine/accelerator";
import { machineRecipe } from "../../lab/machine/image";
import { networkSettings } from "../../lab/machine/machine";
import { tellMonitor } from "../../lab/machine/monitor";
import { hardwareAddress, machineCommand } from "../../lab/machine/qemu";
import { labPaths, machinePaths } from "../../lab/paths";
import { conflictingChanges } from "../../lab/preflight";
import { mmdebstrapArguments, recipeHash, type RootRecipe } from "../../lab/rootfs";
import type { LabHost } from "../../lab/spec";

const host: LabHost = { name: "store-1", site: "hall", address: "10.61.2.21", machine: {} };
const image = { root: "/i/root.ext4", kernel: "/i/vmlinuz", initrd: "/i/initrd" };
const paths = machinePaths("store-1", labPaths("/c"));

describe("machine", () => {
  test("has its cable, its disks and its monitor, in the fabric", () => {
    const command = machineCommand(host, paths, image, "tcg");
    expect(command.slice(0, 3)).toEqual(["nsenter", "--net=/run/netns/steppe-fabric", "qemu-system-x86_64"]);
    expect(command).toEqual(
      expect.arrayContaining([
        "1024M",
        "tap,id=lan,ifname=p-store-1,script=no,downscript=no",
        "virtio-net-pci,netdev=lan,mac=52:54:00:3d:02:15,romfile=",
        "file=/c/lab/layers/hosts/store-1/root.img,format=raw,if=none,id=root,cache=unsafe",
        "file=/c/lab/layers/hosts/store-1/data.img,format=raw,if=none,id=data,cache=unsafe",
        "unix:/c/lab/qmp/q-store-1,server=on,wait=off",
      ]),
    );
    expect(tapCommands("p-store-1", "br-hall")[0]).toBe("tuntap add dev p-store-1 mode tap");
  });

  test("is as large as its spec says", () => {
    const large = machineCommand({ ...host, machine: { memoryMiB: 2048, cpus: 1 } }, paths, image, "kvm").join(" ");
    expect(large).toContain("-smp 1 -m 2048M");
    expect(large).toContain("-accel kvm -cpu max");
  });

  test("has a monitor whose path the kernel takes, whatever its name", () => {
    const { monitor } = machinePaths("a".repeat(63), labPaths("/home/somebody-with-a-long-name/.cache/steppe"));
    expect(monitor.length).toBeLessThan(107);
  });

  test("keeps a comma in a path out of QEMU's options", () => {
    const command = machineCommand(host, machinePaths("store-1", labPaths("/a,b")), image, "tcg").join(" ");
    expect(command).toContain("file=/a,,b/lab/layers/hosts/store-1/root.img,format=raw");
  });

  test("finds its address by itself", () => {
    expect(networkSettings(host, "10.61.2.0/24")).toContain("Address=10.61.2.21/24\nGateway=10.61.2.1\n");
    expect(hardwareAddress("10.61.2.21")).not.toBe(hardwareAddress("10.61.1.21"));
  });

  test("stands on the containers' root and a kernel", () => {
    const containers: RootRecipe = {
      codename: "bookworm",
      architecture: "x64",
      sources: [],
      packages: ["systemd"],
      customize: "true",
    };
    const recipe = machineRecipe(containers);
    expect(recipe.packages).toEqual(
      expect.arrayContaining(["systemd", "linux-image-cloud-amd64", "nfs-kernel-server"]),
    );
    expect(recipe.customize.startsWith("true\n")).toBe(true);
    expect(recipeHash(recipe)).not.toBe(recipeHash(containers));
    expect(mmdebstrapArguments(recipe, "/t", []).filter((each) => each.startsWith("--essential-hook="))).toHaveLength(
      1,
    );
    expect(mmdebstrapArguments(containers, "/t", []).join(" ")).not.toContain("essential-hook");
  });
});

describe("labSpecOf", () => {
  test("makes the hosts machines that the lab is asked for, no others", () => {
    const { hosts } = labSpecOf(fleet, { "gpu-1": { memoryMiB: 768 } });
    expect(hosts.filter(({ machine }) => machine !== undefined)).toEqual([
      { name: "gpu-1", site: "onprem", address: "10.61.2.21", machine: { memoryMiB: 768 } },
    ]);
    expect(labSpecOf(fleet).hosts.every((each) => !("machine" in each))).toBe(true);
  });

  test("refuses a machine that is no host", () => {
    expect(() => labSpecOf(fleet, { "gpu-7": {} })).toThrow("fleet lab has no host gpu-7");
  });
});

test("a running container does not become a machine", () => {
  expect(conflictingChanges(labSpecOf(fleet), labSpecOf(fleet, { "gpu-1": {} }))).toEqual([
    "hosts.gpu-1: was a container, is a machine",
  ]);
});

describe("acceleration", () => {
  test("is KVM when a kernel got as far as it can without a disk", () => {
    const stdout = "[ 0.9] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n";
    expect(accelerationOf({ stdout, stderr: "" })).toEqual({ accelerator: "kvm" });
  });

  test("is emulation when QEMU says what KVM cannot do", () => {
    const stderr = "qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69\nqemu-system-x86_64: Assertion failed\n";
    expect(describeAcceleration(accelerationOf({ stdout: "", stderr }))).toBe(
      "software emulation (KVM is there and does not work: failed to set MSR 0x10a to 0x69)",
    );
  });

  test("is emulation where QEMU may not use KVM", () => {
    const stderr =
      "Could not access KVM kernel module: Permission denied\nqemu-system-x86_64: failed to initialize kvm\n";
    expect(accelerationOf({ stdout: "", stderr }).reason).toBe(
      "KVM is there and does not work: Could not access KVM kernel module: Permission denied",
    );
  });

  test("is emulation when nothing comes", () => {
    const stdout = "Probing EDD (edd=off to disable)... ok\n";
    expect(accelerationOf({ stdout, stderr: "qemu-system-x86_64: terminating on signal 15\n" })).toEqual({
      accelerator: "tcg",
      reason: "KVM is there and does not work: a kernel did not boot within 20 s",
    });
  });
});

describe("tellMonitor", () => {
  const folder = mkdtempSync(join(tmpdir(), "steppe-qmp-"));
  const socket = join(folder, "qmp");
  let server: Server;
  afterEach(() => server.close());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A monitor that greets and then answers each command in order. */
  async function monitor(answers: readonly string[]): Promise<string[]> {
    const heard: string[] = [];
    server = createServer((connection) => {
      connection.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
      connection.on("data", (data) => {
        heard.push((JSON.parse(data.toString()) as { execute: string }).execute);
        const answer = answers[heard.length - 1];
        if (answer === undefined) connection.end();
        else connection.write(`${answer}\r\n`);
      });
    });
    await new Promise<void>((done) => server.listen(socket, done));
    return heard;
  }

  test("asks for capabilities first, and reads past events", async () => {
    const heard = await monitor(['{"return": {}}', '{"event": "POWERDOWN"}\r\n{"return": {}}']);
    await tellMonitor(socket, "system_powerdown");
    expect(heard).toEqual(["qmp_capabilities", "system_powerdown"]);
  });

  test("tells why QEMU refuses", async () => {
    await monitor(['{"return": {}}', '{"error": {"class": "GenericError", "desc": "not now"}}']);
    await expect(tellMonitor(socket, "system_reset")).rejects.toThrow("QEMU does not take system_reset: not now");
  });

  test("tells that QEMU hung up", async () => {
    await monitor([]);
    await expect(tellMonitor(socket, "system_reset")).rejects.toThrow("it closed the connection");
  });

  test("does not wait for ever", async () => {
    server = createServer(() => undefined);
    await new Promise<void>((done) => server.listen(socket, done));
    await expect(tellMonitor(socket, "system_reset", 0.05)).rejects.toThrow("no answer in 0.05 s");
  });

  test("tells that there is no QEMU", async () => {
    server = createServer();
    await expect(tellMonitor(join(folder, "none"), "system_reset")).rejects.toThrow("ENOENT");
  });
});
