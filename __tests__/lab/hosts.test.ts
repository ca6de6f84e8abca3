import { hierarchies } from "../../lab/cgroups";
import { controlConfig, initialPolicy } from "../../lab/control";
import { bridgeCommands, bridgeName, cableCommands, machineCommands } from "../../lab/fabric";
import { containerFiles, goldenFiles } from "../../lab/golden";
import { mountsBelow, parseMountinfo } from "../../lab/images";
import { launchArguments } from "../../lab/launcher";
import { nspawnArguments, nspawnEnvironment } from "../../lab/nspawn";
import { knownHosts, sshConfig } from "../../lab/operator";
import { hostPaths, labPaths } from "../../lab/paths";
import { describeProcess, isAlive, parseStat } from "../../lab/processes";
import { quote } from "../../lab/run";
import type { LabSpec } from "../../lab/spec";

const spec: LabSpec = {
  fleet: "lab",
  tailnetDomain: "lab.internal",
  sites: [{ name: "dc-east", cidr: "10.61.1.0/24" }],
  hosts: [{ name: "east-1", site: "dc-east", address: "10.61.1.11" }],
  identities: [{ name: "operator", tags: ["tag:operator"], ephemeral: false }],
};

const HYBRID = `25 20 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
26 25 0:23 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
27 25 0:24 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
28 25 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
29 20 7:0 / /home/a\\040b/lab/base ro shared:9 - ext4 /dev/loop0 ro
30 29 7:1 / /home/a\\040b/lab/base/deep rw - ext4 /dev/loop1 rw
31 20 7:2 / /home/a\\040b/labs rw - ext4 /dev/loop2 rw
`;

describe("mounts", () => {
  test("finds every cgroup hierarchy of a hybrid machine", () => {
    expect(hierarchies(parseMountinfo(HYBRID))).toEqual([
      { point: "/sys/fs/cgroup/cpu,cpuacct", version: 1, cpuset: false },
      { point: "/sys/fs/cgroup/cpuset", version: 1, cpuset: true },
      { point: "/sys/fs/cgroup/unified", version: 2, cpuset: false },
    ]);
  });

  test("finds the one hierarchy of a cgroup v2 machine", () => {
    const text = "25 20 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
    expect(hierarchies(parseMountinfo(text))).toEqual([{ point: "/sys/fs/cgroup", version: 2, cpuset: false }]);
  });

  test("lists what is mounted below a folder, the deepest first, and no neighbour", () => {
    expect(mountsBelow(parseMountinfo(HYBRID), "/home/a b/lab")).toEqual([
      "/home/a b/lab/base/deep",
      "/home/a b/lab/base",
    ]);
  });
});

describe("fabric", () => {
  test("puts the gateway on the bridge", () => {
    expect(bridgeCommands(bridgeName("dc-east"), "10.61.1.0/24")).toEqual([
      "link add br-dc-east type bridge forward_delay 0 stp_state 0",
      "addr add 10.61.1.1/24 dev br-dc-east",
      "link set br-dc-east up",
    ]);
  });

  test("gives a machine its address and way out, in its own namespace", () => {
    expect(cableCommands("p-east-1", "br-dc-east", "steppe-host-east-1")[0]).toBe(
      "link add p-east-1 type veth peer name eth0 netns steppe-host-east-1",
    );
    expect(machineCommands("10.61.1.11", "10.61.1.0/24")).toContain("route add default via 10.61.1.1");
  });
});

describe("host", () => {
  test("boots with a network of its own, its data volume, the shared directory and a tun device", () => {
    const args = nspawnArguments("east-1", hostPaths("east-1", labPaths("/c")), ["/dev/net/tun"]);
    expect(args).toEqual(
      expect.arrayContaining([
        "--boot",
        "--directory=/c/lab/layers/hosts/east-1/root",
        "--network-namespace-path=/run/netns/steppe-host-east-1",
        "--bind=/c/lab/layers/hosts/east-1/data:/srv/data",
        "--bind=/c/lab/layers/shared:/srv/shared",
        "--bind=/dev/net/tun",
      ]),
    );
    expect(nspawnEnvironment()["SYSTEMD_NSPAWN_API_VFS_WRITABLE"]).toBe("network");
  });

  test("joins its groups before its command starts", () => {
    expect(launchArguments(["/g/a", "/g/b"], ["cmd", "x y"]).slice(2)).toEqual([
      "launch",
      "/g/a",
      "/g/b",
      "--",
      "cmd",
      "x y",
    ]);
  });

  test("lets in nobody but the operator's key", () => {
    const files = new Map(
      [...goldenFiles("ssh-ed25519 AAAA lab"), ...containerFiles("6.1.0")].map((file) => [file.path, file]),
    );
    expect(files.get("root/.ssh/authorized_keys")).toMatchObject({ mode: 0o600, text: "ssh-ed25519 AAAA lab\n" });
    expect(files.get("etc/ssh/sshd_config.d/50-lab.conf")?.text).toContain("PasswordAuthentication no");
    expect(files.get("usr/lib/modules/6.1.0/modules.builtin")?.text).toContain("bridge.ko");
  });
});

describe("control server", () => {
  test("has its own relay and nothing from the internet", () => {
    const config = JSON.parse(controlConfig(spec, "/c")) as { server_url: string; derp: { urls: string[] } };
    expect(config).toMatchObject({
      server_url: "http://10.61.0.1:8080",
      dns: { base_domain: "lab.internal" },
      policy: { mode: "database" },
      derp: { urls: [], auto_update_enabled: false, server: { enabled: true } },
    });
  });

  test("denies everything until the fleet's policy arrives", () => {
    expect(JSON.parse(initialPolicy(["tag:a"]))).toEqual({ tagOwners: { "tag:a": ["lab@"] }, acls: [] });
  });
});

describe("operator", () => {
  test("knows each host by name, MagicDNS name and address", () => {
    expect(knownHosts(spec, () => "ssh-ed25519 AAAA")).toBe("east-1,east-1.lab.internal,10.61.1.11 ssh-ed25519 AAAA\n");
  });

  test("never accepts an unknown host key", () => {
    const text = sshConfig(spec, "/c/operator");
    expect(text).toContain("StrictHostKeyChecking yes");
    expect(text).toContain("Host east-1\n  HostName 10.61.1.11\n");
  });
});

describe("processes", () => {
  test("reads a stat line whose name holds blanks and brackets", () => {
    const fields = ["S", "7", ...Array.from({ length: 17 }, () => "0"), "4242", "0"];
    expect(parseStat(`12 (a) b (c)) ${fields.join(" ")}`)).toEqual({ state: "S", parent: 7, start: "4242" });
  });

  test("tells this process from another one with its number", () => {
    const own = describeProcess(process.pid);
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ pid: process.pid, start: "1" })).toBe(false);
  });
});

test.each([
  ["plain-1.txt", "plain-1.txt"],
  ["it's", `'it'\\''s'`],
  ["", "''"],
])("quote writes %p for a shell", (word, text) => {
  expect(quote(word)).toBe(text);
});
