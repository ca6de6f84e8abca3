import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoopDevice, loopDevice } from "./loop-devices";
import { ended, type Ended } from "./machine-script";

const MIB = 1024 * 1024;

/** Secrets as `./steppe` delivers them, for a server and a client alike. */
export const PAYLOAD = [
  "ca.pem",
  "cert.pem",
  "key.pem",
  "management.token",
  "gossip.key",
  "ssh-host.key",
  "tailnet.key",
]
  .map((name) => `${name} ${Buffer.from(`${name} of the test\n`).toString("base64")}\n`)
  .join("");

/**
 * A machine that boots: the very text that a cloud would get, run as root in mounts of its own, with a real disk and the real
 * tools of the system. systemd is not there: what it is told is recorded. Needs root and loop devices.
 */
export class FirstBoot {
  public readonly home = mkdtempSync(join(tmpdir(), "steppe-first-boot-"));
  public readonly device: LoopDevice = loopDevice(16 * MIB);

  constructor() {
    const { home } = this;
    for (const name of ["passwd", "group", "nsswitch.conf", "fstab", "mke2fs.conf", "alternatives", "ld.so.cache"])
      if (existsSync(join("/etc", name)))
        cpSync(join("/etc", name), join(home, "etc", name), { recursive: true, verbatimSymlinks: true });
    this.file("etc/passwd", "root:x:0:0::/root:/bin/sh\nadmin:x:1000:1000::/srv/admin:/bin/sh\n");
    this.file("etc/group", "root:x:0:\nadmin:x:1000:\n");
    this.file("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
    mkdirSync(join(home, "etc", "systemd", "system"), { recursive: true });
    this.program("sshd", `echo "sshd $*" >>${home}/log`);
    this.program("systemctl", `echo "systemctl $*" >>${home}/log`);
    this.program("tailscale", "echo 1.102.3");
    this.program("tailscaled", "exit 1");
    this.program("nomad", "echo Nomad v2.0.5");
    this.program("nvidia-smi", 'case "$*" in *driver_version*) echo 580.95.05 ;; *) echo "NVIDIA L4" ;; esac');
    for (const name of ["nvidia-ctk", "nvidia-container-runtime", "nomad-device-nvidia"]) this.program(name, "exit 1");
  }

  /** What systemd and sshd were told. */
  public get log(): string {
    return join(this.home, "log");
  }

  /** Puts a file below the directory that holds the machine's `etc`. */
  public file(path: string, content: string): void {
    mkdirSync(join(this.home, path, ".."), { recursive: true });
    writeFileSync(join(this.home, path), content);
  }

  /** Puts a program first on the PATH. */
  public program(name: string, script: string): void {
    this.file(join("local/bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.home, "local", "bin", name), 0o755);
  }

  /**
   * Runs commands in the machine's mounts, where `boot` runs a cloud's script.
   *
   * @param before - commands that make the machine one of that cloud's.
   */
  public run(text: string, commands: string, env: Readonly<Record<string, string>>, before = ""): Promise<Ended> {
    const { home } = this;
    this.file("user-data", text);
    const script = `
      set -e
      mount --bind ${home}/etc /etc
      mount --bind ${home}/local /usr/local
      for own in /run /srv /var/lib; do mount -t tmpfs tmpfs $own; done
      boot() { sh ${home}/user-data; }
      ${before}
      ${commands}`;
    const settings = { STEPPE_SECRETS_SECONDS: "5", STEPPE_DEVICE_SECONDS: "3" };
    return ended(
      spawn("unshare", ["--mount", "sh", "-c", script], { env: { PATH: process.env["PATH"], ...settings, ...env } }),
    );
  }

  public remove(): void {
    this.device.detach();
    rmSync(this.home, { recursive: true });
  }
}
