import { existsSync, readFileSync } from "node:fs";
import { poolUserData, serverUserData } from "../../constructs/machine/user-data";
import { FirstBoot, PAYLOAD } from "../helpers/first-boot";
import { awsFleet, spoil } from "../helpers/fleet";
import { describeWithLoopDevices, type LoopDevice } from "../helpers/loop-devices";
import type { Ended } from "../helpers/machine-script";
import { type AwsMetadata, awsMetadata } from "../helpers/stand-ins/aws-metadata";
import { type AwsSecretsManager, awsSecretsManager } from "../helpers/stand-ins/aws-secrets-manager";

const fleet = spoil(awsFleet(), "sites.cloud.install", { kind: "image" });

/** The very text that AWS would get, beside stand-ins for AWS. */
describeWithLoopDevices("the first boot", () => {
  let machine: FirstBoot;
  let home: string;
  let device: LoopDevice;
  let metadata: AwsMetadata;
  let manager: AwsSecretsManager;

  beforeEach(async () => {
    machine = new FirstBoot();
    ({ home, device } = machine);
    [metadata, manager] = await Promise.all([awsMetadata(), awsSecretsManager("eu-central-1")]);
    manager.secrets.set("small/server-cloud", PAYLOAD).set("small/client-l4", PAYLOAD);
  });
  afterEach(async () => {
    await Promise.all([metadata.stop(), manager.stop()]);
    machine.remove();
  });

  /** Boots with user data, then runs commands in the same mounts. */
  function boot(text: string, commands: string): Promise<Ended> {
    const endpoints = {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
    };
    const cloudInit = "mkdir -p /var/lib/cloud/data; echo i-0123456789abcdef0 >/var/lib/cloud/data/instance-id";
    return machine.run(text, commands, endpoints, cloudInit);
  }
  const server = () => serverUserData(fleet, "cloud", { host: "small-cloud-1", dataDevice: device.path }).text;

  test("of a server mounts its volume, lets operators in and joins with its key", async () => {
    const { status, stdout, stderr } = await boot(
      server(),
      `boot
      findmnt -n -o SOURCE,FSTYPE /srv/steppe | tr -s ' '
      stat -c '%a %U %n' /srv/steppe/tailscale /srv/admin/.ssh/authorized_keys /etc/steppe/tailnet.key /etc/ssh/steppe_host_key
      cat /etc/steppe/host /etc/steppe/tailnet.key /srv/admin/.ssh/authorized_keys /etc/ssh/sshd_config.d/10-steppe.conf ${home}/log
      ls /etc/nomad.d /run/steppe/incoming/secrets 2>&1 | wc -l`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.trim().split("\n")).toEqual([
      `steppe data volume: ${device.path} is empty; making a file system`,
      "steppe: small-cloud-1 is in the tailnet and waits for its bundle",
      `${device.path} ext4`,
      "700 root /srv/steppe/tailscale",
      "600 admin /srv/admin/.ssh/authorized_keys",
      "600 root /etc/steppe/tailnet.key",
      "600 root /etc/ssh/steppe_host_key",
      "small-cloud-1",
      "tailnet.key of the test",
      "ssh-ed25519 AAAA",
      "HostKey /etc/ssh/steppe_host_key",
      "PasswordAuthentication no",
      "Port 22",
      "systemctl daemon-reload",
      "systemctl enable --quiet steppe-grow.service",
      "sshd -t",
      "systemctl daemon-reload",
      "systemctl is-active --quiet ssh.socket",
      "systemctl restart ssh.socket",
      "systemctl is-active --quiet ssh.service",
      "systemctl restart ssh.service",
      "systemctl is-active --quiet sshd.service",
      "systemctl restart sshd.service",
      "systemctl daemon-reload",
      "systemctl enable --quiet tailscaled.service steppe-join.service",
      "systemctl restart tailscaled.service",
      "systemctl restart steppe-join.service",
      "2",
    ]);
  });

  test("of a server restarts neither sshd nor tailscaled when it runs again", async () => {
    const { status, stdout } = await boot(
      server(),
      `boot >/dev/null; : >${home}/log; boot >/dev/null; grep -E ' (re)?start ' ${home}/log`,
    );
    expect({ status, lines: stdout.trim().split("\n") }).toEqual({
      status: 0,
      lines: ["systemctl start tailscaled.service", "systemctl restart steppe-join.service"],
    });
  });

  test("of the instance that takes a server's place finds the tailnet identity again", async () => {
    await boot(server(), "boot; echo identity >/srv/steppe/tailscale/tailscaled.state");
    const { status, stdout } = await boot(server(), "boot >/dev/null; cat /srv/steppe/tailscale/tailscaled.state");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "identity\n" });
  });

  test("of a server with a disk of somebody else stops, and starts nothing", async () => {
    await boot("", `mkfs.ext4 -q -L backup ${device.path}`);
    const { status, stderr } = await boot(server(), "boot");
    expect(status).toBe(1);
    expect(stderr).toContain("ext4 with the label 'backup'");
    expect(existsSync(machine.log)).toBe(false);
  });

  test("of a pool's machine brings secrets, lock, watch and Nomad, in that order", async () => {
    const { status, stdout } = await boot(
      poolUserData(fleet, "l4").text,
      `boot 2>/dev/null
      cat /etc/steppe/host /etc/nomad.d/tls/key.pem
      stat -c '%a' /etc/nomad.d/tls/key.pem
      cmp /usr/local/bin/nomad-device-nvidia /srv/steppe/nomad/plugins/nomad-device-nvidia && echo plugin
      grep -E ' (re)?start ' ${home}/log`,
    );
    expect({ status, lines: stdout.trim().split("\n") }).toEqual({
      status: 0,
      lines: [
        "steppe: client l4-0123456789abcdef0 is up",
        "l4-0123456789abcdef0",
        "key.pem of the test",
        "640",
        "plugin",
        "systemctl restart steppe-metadata-lock.service",
        "systemctl restart tailscaled.service",
        "systemctl restart steppe-path.service",
        "systemctl restart steppe-join.service",
        "systemctl restart nomad.service",
        "systemctl restart steppe-notices.service",
      ],
    });
    expect(manager.asked).toEqual(["eu-central-1 small/client-l4 200"]);
  });

  test("of a pool's machine whose GPUs are others stops before Nomad starts", async () => {
    machine.program("nvidia-smi", 'case "$*" in *driver_version*) echo 580.95.05 ;; *) echo "Tesla T4" ;; esac');
    const { status, stderr } = await boot(poolUserData(fleet, "l4").text, "boot");
    expect(status).toBe(1);
    expect(stderr).toContain("steppe: this machine's GPUs are 1 x Tesla T4, the fleet says 1 x NVIDIA L4\n");
    expect(readFileSync(machine.log, "utf8")).not.toContain("nomad.service");
  });

  test("of a pool's machine asks for no secret when the bundle runs again", async () => {
    const { status } = await boot(poolUserData(fleet, "l4").text, "boot 2>/dev/null; boot 2>/dev/null");
    expect(status).toBe(0);
    expect(manager.asked).toHaveLength(1);
  });
});
