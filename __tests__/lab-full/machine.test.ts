import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { tailnetMachines } from "../../lab/control";
import { labNamespaces } from "../../lab/fabric";
import { labPaths } from "../../lab/paths";
import { labPowerOff, labReset, labStart } from "../../lab/power";
import { labHostKeys, labStatus } from "../../lab/status";
import {
  command,
  describeInLab,
  eventually,
  machineObstacle,
  nomad,
  on,
  operatorEnvironment,
  root,
  steppe,
} from "../helpers/lab";
import { DOMAIN, SERVER, STORE, WORK } from "../helpers/machine-fleet";

jest.setTimeout(900_000);

const FLEET = join(root, "__tests__", "helpers", "machine-fleet.ts");
const UP = ["lab", "up", "--fleet", FLEET, "--machine", STORE, WORK];
const TARGET = "iqn.2026-01.internal.lab:block";
const DEVICE = `/dev/disk/by-path/*-iscsi-${TARGET}-lun-1`;

let env: Record<string, string> = {};

const succeed = async (args: readonly string[]) => {
  const ran = await steppe(args);
  expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
};

/** What a script prints that ends well. */
async function said(host: string, script: string): Promise<string> {
  const { code, out, err } = await on(host, `set -eu\n${script}`);
  expect({ host, code, err: code === 0 ? "" : err }).toEqual({ host, code: 0, err: "" });
  return out.trim();
}

interface Node {
  readonly ID: string;
  readonly Name: string;
  readonly NodePool: string;
  readonly Status: string;
  readonly SchedulingEligibility: string;
}

async function nodes(): Promise<Node[]> {
  const { code, out } = await nomad(env, "node status -json", SERVER);
  return code === 0 ? (JSON.parse(out) as Node[]) : [];
}

const nodeOf = async (host: string) => (await nodes()).find(({ Name }) => Name === host);

async function ready(host: string): Promise<void> {
  await eventually(240, `${host} is ready`, async () => {
    const node = await nodeOf(host);
    return node?.Status === "ready" && node.SchedulingEligibility === "eligible";
  });
}

/** Who a machine is to Nomad and to the tailnet. */
async function identity(host: string) {
  const addresses = (await tailnetMachines()).filter(({ name }) => name === host).map((each) => each.addresses);
  return { id: (await nodeOf(host))?.ID, addresses };
}

const bootId = async (host: string) => await said(host, "cat /proc/sys/kernel/random/boot_id");

async function leftovers(): Promise<string[]> {
  const processes = (await command(["ps", "axo", "args"])).out.split("\n");
  const run = existsSync(labPaths().run) ? [labPaths().run] : [];
  return [...(await labNamespaces()), ...run, ...processes.filter((line) => line.startsWith("qemu-system-"))];
}

function tests(): void {
  beforeAll(async () => {
    await steppe(["lab", "down"]);
  });
  afterAll(async () => {
    await steppe(["lab", "down"]);
  });

  test("Ctrl-C while they boot leaves nothing behind", async () => {
    const child = spawn(join(root, "steppe"), UP, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    const ended = new Promise<number | null>((done) => child.on("close", done));
    child.stderr.on("data", (text: Buffer) => {
      if (text.includes("to answer on SSH")) child.kill("SIGINT");
    });
    expect(await ended).toBe(130);
    expect(await leftovers()).toEqual([]);
  });

  test("boot a kernel of their own and show the host key that was known before", async () => {
    await succeed(UP);
    for (const host of [STORE, WORK]) {
      expect(await said(host, "uname -r")).not.toBe(release());
      expect(await said(host, "cat /etc/ssh/ssh_host_ed25519_key.pub")).toContain((await labHostKeys())[host]);
      expect(await said(host, "systemctl is-system-running --wait")).toBe("running");
      expect(await said(host, "findmnt -no FSTYPE /srv/data")).toBe("ext4");
    }
    expect((await labStatus())?.hosts.map(({ name, kind, power }) => [name, kind, power])).toEqual([
      [SERVER, "container", "on"],
      [WORK, "machine", "on"],
      [STORE, "machine", "on"],
    ]);
  });

  test("join the tailnet and their pools with the bundle of every host", async () => {
    await succeed(["apply", "--fleet", FLEET, "--yes"]);
    env = operatorEnvironment(FLEET);
    await Promise.all([ready(STORE), ready(WORK)]);
    expect((await nodes()).map(({ Name, NodePool }) => `${Name} ${NodePool}`).sort()).toEqual([
      `${STORE} storage`,
      `${WORK} work`,
    ]);
    const kernel = await nomad(env, `node status -json ${(await nodeOf(STORE))?.ID}`, SERVER);
    expect(kernel.out).toContain(`"kernel.version": "${await said(STORE, "uname -r")}"`);
  });

  test("one exports a directory, and the kernel of the other mounts it over the tailnet", async () => {
    await said(
      STORE,
      `mkdir -p /srv/data/export
      printf '[nfsd]\ngrace-time=10\nlease-time=10\n' >/etc/nfs.conf.d/lab.conf
      echo '/srv/data/export 100.64.0.0/10(rw,sync,no_subtree_check,no_root_squash,fsid=0)' >/etc/exports
      systemctl enable --quiet --now nfs-server`,
    );
    await said(WORK, `mkdir -p /mnt/nfs; mount -t nfs4 -o hard ${STORE}.${DOMAIN}:/ /mnt/nfs`);
    expect(await said(WORK, "echo from work >/mnt/nfs/file; sync /mnt/nfs/file; findmnt -no FSTYPE /mnt/nfs")).toBe(
      "nfs4",
    );
    expect(await said(STORE, "cat /srv/data/export/file")).toBe("from work");
  });

  test("one serves a disk over iSCSI, and the other keeps an ext4 on it", async () => {
    await said(
      STORE,
      `truncate -s 128M /srv/data/disk
      systemctl start tgt
      tgtadm --lld iscsi --mode target --op new --tid 1 --targetname ${TARGET}
      tgtadm --lld iscsi --mode logicalunit --op new --tid 1 --lun 1 --backing-store /srv/data/disk
      tgtadm --lld iscsi --mode target --op bind --tid 1 --initiator-address ALL`,
    );
    const files = await said(
      WORK,
      `systemctl start iscsid
      portal=$(getent ahostsv4 ${STORE}.${DOMAIN} | awk 'NR == 1 { print $1 }')
      iscsiadm --mode discovery --type sendtargets --portal "$portal" >/dev/null
      iscsiadm --mode node --targetname ${TARGET} --login >/dev/null
      udevadm settle
      until ls ${DEVICE} >/dev/null 2>&1; do sleep 0.5; done
      mkfs.ext4 -q ${DEVICE}
      mkdir -p /mnt/block
      mount ${DEVICE} /mnt/block
      echo kept >/mnt/block/file
      umount /mnt/block
      mount ${DEVICE} /mnt/block
      findmnt -no FSTYPE /mnt/block
      cat /mnt/block/file
      umount /mnt/block
      iscsiadm --mode node --targetname ${TARGET} --logout >/dev/null`,
    );
    expect(files).toBe("ext4\nkept");
  });

  test("delay what they send with netem", async () => {
    const slow = await said(
      WORK,
      `tc qdisc add dev eth0 root netem delay 200ms
      ping -c 3 -q 10.61.2.21 | sed -n 's|^rtt [^=]*= ||p'
      tc qdisc del dev eth0 root`,
    );
    expect(Number(slow.split("/")[0])).toBeGreaterThanOrEqual(200);
  });

  test("come back from a hard reset as the same node, with what was fsynced", async () => {
    const [before, boot] = [await identity(STORE), await bootId(STORE)];
    expect(before.addresses).toHaveLength(1);
    await said(
      WORK,
      `cat >/root/writer <<'END'
i=0
while :; do
  i=$((i + 1))
  echo "$i" >>/mnt/nfs/log
  sync /mnt/nfs/log
  echo "$i" >/run/acknowledged
done
END
      systemd-run --quiet --unit=writer sh -eu /root/writer
      until [ "$(cat /run/acknowledged 2>/dev/null || echo 0)" -ge 20 ]; do sleep 0.5; done`,
    );
    await said(STORE, "echo lost >/srv/data/not-synced");
    await labReset(STORE);
    expect(await bootId(STORE)).not.toBe(boot);
    expect(await said(STORE, "cat /srv/data/not-synced 2>/dev/null || :")).toBe("");
    await ready(STORE);
    expect(await identity(STORE)).toEqual(before);
    const acknowledged = Number(await said(WORK, "cat /run/acknowledged"));
    await eventually(180, "the writer goes on", async () => {
      return Number(await said(WORK, "cat /run/acknowledged")) > acknowledged + 5;
    });
    const last = await said(WORK, "systemctl stop writer; cat /run/acknowledged");
    const lines = (await said(STORE, "cat /srv/data/export/log")).split("\n").map(Number);
    const expected = Array.from({ length: Number(last) }, (_, index) => index + 1);
    expect(expected.filter((line) => !lines.includes(line))).toEqual([]);
  });

  test("switch off in order and on again as the same node", async () => {
    const before = await identity(WORK);
    await said(WORK, "umount /mnt/nfs");
    await labPowerOff(WORK);
    expect((await labStatus())?.hosts.find(({ name }) => name === WORK)?.power).toBe("off");
    await labStart(WORK);
    expect(await said(WORK, "journalctl --boot=-1 --no-pager | grep -c 'Reached target.*[Pp]ower.*[Oo]ff'")).not.toBe(
      "0",
    );
    await ready(WORK);
    expect(await identity(WORK)).toEqual(before);
  });

  test("leave nothing behind", async () => {
    await succeed(["lab", "down"]);
    expect(await leftovers()).toEqual([]);
  });
}

describeInLab("hosts that are machines", tests, machineObstacle());
