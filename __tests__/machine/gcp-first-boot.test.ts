import { existsSync, readFileSync } from "node:fs";
import { gcpPoolStartup, gcpServerStartup } from "../../constructs/machine/gcp-startup";
import { FirstBoot, PAYLOAD } from "../helpers/first-boot";
import { gcpFleet, spoil } from "../helpers/fleet";
import { describeWithLoopDevices } from "../helpers/loop-devices";
import { type GcpMetadata, gcpMetadata } from "../helpers/stand-ins/gcp-metadata";
import { type GcpSecretManager, gcpSecretManager } from "../helpers/stand-ins/gcp-secret-manager";

const fleet = spoil(gcpFleet(), "sites.cloud.install", { kind: "image" });
const DEVICE = "/dev/disk/by-id/google-steppe-data";

/** The very text that Google Cloud would get, beside stand-ins for its metadata server and Secret Manager. */
describeWithLoopDevices("a boot on Google Cloud", () => {
  let machine: FirstBoot;
  let metadata: GcpMetadata;
  let manager: GcpSecretManager;

  beforeEach(async () => {
    machine = new FirstBoot();
    machine.file("etc/shadow", "root:*:1::::::\n");
    machine.file("etc/login.defs", "UID_MIN 1000\nHOME_MODE 0700\n");
    [metadata, manager] = await Promise.all([gcpMetadata(), gcpSecretManager("acme-fleet")]);
    manager.secrets.set("small_server-cloud", PAYLOAD).set("small_client-l4", PAYLOAD);
  });
  afterEach(async () => {
    await Promise.all([metadata.stop(), manager.stop()]);
    machine.remove();
  });

  /** Runs commands on a machine with a disk as Google's images name it. */
  function run(text: string, commands: string) {
    const endpoints = {
      GCE_METADATA_HOST: new URL(metadata.url).host,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${manager.url}/`,
      STEPPE_NAME_SECONDS: "3",
    };
    const disk = `mkdir -p /dev/disk
      for own in /dev/disk /home; do mount -t tmpfs tmpfs $own; done
      mkdir /dev/disk/by-id
      ln -s ${machine.device.path} ${DEVICE}
      started() { grep -E ' (re|try-re)?start ' ${machine.log}; : >${machine.log}; }`;
    return machine.run(text, commands, endpoints, disk);
  }
  const lines = ({ stdout }: { stdout: string }) => stdout.trim().split("\n");
  const server = (of = fleet) => gcpServerStartup(of, "cloud", { host: "small-cloud-1" }).text;
  const pool = gcpPoolStartup(fleet, "l4").text;

  test("of a server makes its login, mounts its disk and joins with its key", async () => {
    const ended = await run(
      server(),
      `boot
      findmnt -n -o FSTYPE /srv/steppe
      grep -c '^${DEVICE} /srv/steppe ext4 ' /etc/fstab
      stat -c '%a %U %n' /etc/sudoers.d/steppe /home/steppe/.ssh/authorized_keys /etc/steppe/tailnet.key /etc/ssh/steppe_host_key
      grep ^steppe: /etc/shadow | cut -d: -f2
      cat /etc/steppe/host /etc/steppe/tailnet.key /home/steppe/.ssh/authorized_keys
      started
      ls /etc/nomad.d /run/steppe/incoming/secrets 2>&1 | wc -l`,
    );
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: "" });
    expect(lines(ended)).toEqual([
      `steppe data volume: ${DEVICE} is empty; making a file system`,
      "steppe: small-cloud-1 is in the tailnet and waits for its bundle",
      "ext4",
      "1",
      "440 root /etc/sudoers.d/steppe",
      "600 steppe /home/steppe/.ssh/authorized_keys",
      "600 root /etc/steppe/tailnet.key",
      "600 root /etc/ssh/steppe_host_key",
      "*",
      "small-cloud-1",
      "tailnet.key of the test",
      "ssh-ed25519 AAAA",
      "systemctl restart ssh.socket",
      "systemctl restart ssh.service",
      "systemctl restart sshd.service",
      "systemctl restart tailscaled.service",
      "systemctl restart steppe-join.service",
      "2",
    ]);
    expect(manager.asked).toEqual(["small_server-cloud 200"]);
  });

  test("of a server that still waits for its bundle repeats what is missing, and restarts neither sshd nor tailscaled", async () => {
    const ended = await run(
      server(),
      `boot >/dev/null; started >/dev/null
      echo identity >/srv/steppe/tailscale/tailscaled.state
      boot; started; cat /srv/steppe/tailscale/tailscaled.state; grep -c steppe /etc/passwd /etc/fstab`,
    );
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: "" });
    expect(lines(ended)).toEqual([
      "steppe: small-cloud-1 is in the tailnet and waits for its bundle",
      "systemctl start tailscaled.service",
      "systemctl restart steppe-join.service",
      "identity",
      "/etc/passwd:1",
      "/etc/fstab:1",
    ]);
  });

  test("of a server that has its bundle does nothing, whatever is newer than the script", async () => {
    const ended = await run(
      server(),
      `boot >/dev/null; started >/dev/null
      echo /etc/steppe/machine.env >/etc/steppe/files
      for newer in /etc/steppe/machine.env /home/steppe/.ssh/authorized_keys; do echo newer >$newer; done
      boot; cat /etc/steppe/machine.env /home/steppe/.ssh/authorized_keys; wc -c <${machine.log}`,
    );
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: "" });
    expect(lines(ended)).toEqual([
      "steppe: server small-cloud-1 has its bundle; its startup script has nothing to do",
      "newer",
      "newer",
      "0",
    ]);
    expect(manager.asked).toHaveLength(1);
  });

  test("of a server with a disk of somebody else stops, and starts nothing", async () => {
    await run("", `mkfs.ext4 -q -L backup ${machine.device.path}`);
    const { status, stderr } = await run(server(), "boot");
    expect(status).toBe(1);
    expect(stderr).toContain("ext4 with the label 'backup'");
    expect(existsSync(machine.log)).toBe(false);
  });

  test("of a server with OS Login makes no login", async () => {
    const of = spoil(fleet, "sites.cloud.ssh", { osLogin: true, authorizedKeys: [] });
    const { status } = await run(server(of), "boot; ! id steppe 2>/dev/null; [ ! -e /etc/sudoers.d ]");
    expect(status).toBe(0);
  });

  test("of a pool's machine brings secrets, lock, watch and Nomad, in that order", async () => {
    const ended = await run(
      pool,
      `boot 2>/dev/null
      cat /etc/steppe/host /etc/nomad.d/tls/key.pem /etc/systemd/system/google-startup-scripts.service.d/steppe.conf
      started`,
    );
    expect(ended.status).toBe(0);
    expect(lines(ended)).toEqual([
      "steppe: client l4-x7k2 is up",
      "l4-x7k2",
      "key.pem of the test",
      "[Service]",
      "Slice=steppe.slice",
      "systemctl try-restart google-guest-agent.service google-guest-agent-manager.service google-guest-compat-manager.service",
      "systemctl restart steppe-metadata-lock.service",
      "systemctl restart tailscaled.service",
      "systemctl restart steppe-path.service",
      "systemctl restart steppe-join.service",
      "systemctl restart nomad.service",
      "systemctl restart steppe-notices.service",
    ]);
    expect(manager.asked).toEqual(["small_client-l4 200"]);
  });

  test("of a pool's machine that ran before restarts nothing but the join, for which it has a key again", async () => {
    const ended = await run(
      pool,
      `boot >/dev/null 2>&1; started >/dev/null
      rm /etc/steppe/tailnet.key
      boot 2>${machine.home}/said; cat /etc/steppe/tailnet.key; started`,
    );
    expect({ status: ended.status, said: readFileSync(`${machine.home}/said`, "utf8") }).toEqual({
      status: 0,
      said: "steppe: the pool's driver docker is not on this machine: its image must bring Docker\n",
    });
    expect(lines(ended)).toEqual([
      "steppe: client l4-x7k2 is up",
      "tailnet.key of the test",
      "systemctl start tailscaled.service",
      "systemctl restart steppe-join.service",
      "systemctl start nomad.service",
      "systemctl start steppe-notices.service",
    ]);
    expect(manager.asked).toHaveLength(2);
  });

  test("of a pool's machine that ran before writes no file but the key of the join", async () => {
    const ended = await run(
      pool,
      `boot >/dev/null 2>&1
      rm /etc/steppe/tailnet.key
      sleep 0.05; touch ${machine.home}/first; sleep 0.05
      boot >/dev/null 2>&1
      find /etc /usr/local -type f -newer ${machine.home}/first`,
    );
    expect(lines(ended)).toEqual(["/etc/steppe/tailnet.key"]);
  });

  test("of a pool's machine goes on with the secrets that it has where it gets none", async () => {
    const refused = { code: 400, status: "FAILED_PRECONDITION", message: "Secret Version is in DISABLED state." };
    const first = await run(pool, `boot >/dev/null 2>&1; cp -a /etc/nomad.d ${machine.home}/nomad.d`);
    expect(first.status).toBe(0);
    manager.refusals.push(refused);
    const again = await run(pool, `cp -a ${machine.home}/nomad.d /etc/; boot`);
    expect(again.status).toBe(0);
    expect(again.stderr).toContain("DISABLED state.\nsteppe: going on with the secrets that are here\n");
    manager.refusals.push(refused);
    const without = await run(pool, "rm -r /etc/nomad.d; boot");
    expect(without.status).toBe(1);
  });

  test("of a pool's machine whose GPUs are others stops before Nomad starts", async () => {
    machine.program("nvidia-smi", 'case "$*" in *driver_version*) echo 580.95.05 ;; *) echo "Tesla T4" ;; esac');
    const { status, stderr } = await run(pool, "boot");
    expect(status).toBe(1);
    expect(stderr).toContain("steppe: this machine's GPUs are 1 x Tesla T4, the fleet says 1 x NVIDIA L4\n");
    expect(readFileSync(machine.log, "utf8")).not.toContain("nomad.service");
  });

  test.each(["failing", "silent", "somebody else"] as const)(
    "of a pool's machine without a name changes nothing: a metadata server in the mood %s",
    async (mood) => {
      metadata.mood = mood;
      const { status, stderr } = await run(pool, "boot");
      expect(status).toBe(1);
      expect(stderr).toMatch(/^steppe: the metadata server gives no name of this machine \(HTTP (503|000)\): ''\n$/);
      expect(existsSync(machine.log)).toBe(false);
      expect(manager.asked).toEqual([]);
    },
  );
});
