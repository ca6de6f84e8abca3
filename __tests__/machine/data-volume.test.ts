import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataVolume } from "../../constructs/machine/shell/data-volume";
import { describeWithCapability, describeWithLoopDevices, type LoopDevice, loopDevice } from "../helpers/loop-devices";

const MIB = 1024 * 1024;

/** Shell that writes a partition table with one partition of a type, from sector 64, 64 sectors long. */
function writePartition(path: string, type: number): string {
  const entry = Buffer.alloc(66);
  entry.writeUInt8(type, 4);
  entry.writeUInt32LE(64, 8);
  entry.writeUInt32LE(64, 12);
  entry.writeUInt16LE(0xaa55, 64);
  return `echo ${entry.toString("base64")} | base64 -d | dd of=${path} bs=1 seek=446`;
}

describeWithLoopDevices("data volume", () => {
  let home: string;
  let device: LoopDevice;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "steppe-data-volume-"));
    device = loopDevice(16 * MIB);
    for (const needed of ["fstab", "mke2fs.conf", "alternatives"])
      cpSync(join("/etc", needed), join(home, "etc", needed), { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(home, "bin"));
    mkdirSync(join(home, "data"));
    mkdirSync(join(home, "etc", "systemd", "system"), { recursive: true });
    writeFileSync(join(home, "data-volume"), dataVolume);
    writeFileSync(join(home, "bin", "systemctl"), '#!/bin/sh\necho "$*" >>"$(dirname "$0")/../systemctl.log"\n');
    chmodSync(join(home, "bin", "systemctl"), 0o755);
  });
  afterEach(() => {
    device.detach();
    rmSync(home, { recursive: true });
  });

  /** Runs shell commands where `mount_volume` is the script, in mounts and with an /etc of their own. */
  function run(commands: string, path = device.path) {
    const script = `
      mount --bind ${home}/etc /etc
      mount_volume() { sh ${home}/data-volume '${path}' ${home}/data; }
      set -e
      ${commands}`;
    const { status, stdout, stderr } = spawnSync("unshare", ["--mount", "sh", "-c", script], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${home}/bin:${process.env["PATH"]}`, STEPPE_DEVICE_SECONDS: "3" },
    });
    return { status, stdout, stderr };
  }
  const fstab = () => readFileSync(join(home, "etc", "fstab"), "utf8");
  const digest = () => execFileSync("sha256sum", [device.file], { encoding: "utf8" }).split(" ")[0];
  const labelOf = () =>
    spawnSync("blkid", ["-p", "-o", "value", "-s", "LABEL", device.path], { encoding: "utf8" }).stdout.trim();

  test("formats an empty volume and mounts it", () => {
    const { status, stderr, stdout } = run(`mount_volume; findmnt -n -o SOURCE,FSTYPE ${home}/data`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`${device.path}\\s+ext4\n$`));
    expect(labelOf()).toBe("steppe-data");
  });

  test("lets the machine boot without it, and systemd wait for it and grow it", () => {
    run("mount_volume");
    expect(fstab()).toContain(`${device.path} ${home}/data ext4 defaults,nofail,x-systemd.device-timeout=3s 0 2\n`);
    expect(fstab()).not.toContain("x-systemd.growfs");
    const grow = readFileSync(join(home, "etc", "systemd", "system", "steppe-grow.service"), "utf8");
    expect(grow).toContain(`RequiresMountsFor=${home}/data\n`);
    expect(grow).toContain(`ExecStart=resize2fs ${device.path}\n`);
    expect(readFileSync(join(home, "systemctl.log"), "utf8")).toBe(
      "daemon-reload\nenable --quiet steppe-grow.service\n",
    );
  });

  test("keeps the data of a volume that is ours already", () => {
    run(`mount_volume; echo kept >${home}/data/file`);
    const { status, stdout } = run(`mount_volume; cat ${home}/data/file`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "kept\n" });
  });

  test("changes nothing when it runs again", () => {
    const { status, stdout, stderr } = run(`mount_volume >/dev/null; cp /etc/fstab ${home}/before
      mount_volume; mount_volume; cmp /etc/fstab ${home}/before; grep -c " ${home}/data " /proc/self/mountinfo`);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "1\n", stderr: "" });
  });

  test("puts its own line in the place of an older one, and keeps every other", () => {
    writeFileSync(join(home, "etc", "fstab"), `# ${home}/data\n/dev/other ${home}/data ext4 defaults\nnone /x tmpfs\n`);
    expect(run("mount_volume").status).toBe(0);
    expect(fstab()).toMatch(/^# .*\nnone \/x tmpfs\n\/dev\/loop\S+ .*\n$/);
  });

  describeWithCapability(24, "CAP_SYS_RESOURCE", "a volume that grew", () => {
    test("has its file system grown", () => {
      run(`mount_volume; echo kept >${home}/data/file`);
      device.grow(128 * MIB);
      const { status, stdout } = run(
        `mount_volume; df --output=size -B1M ${home}/data | tail -n 1; cat ${home}/data/file`,
      );
      const [size = "", file] = stdout.trim().split("\n");
      expect({ status, file }).toEqual({ status: 0, file: "kept" });
      expect(Number(size)).toBeGreaterThan(100);
    });
  });

  test("mounts a file system that cannot grow, and says so", () => {
    writeFileSync(join(home, "bin", "resize2fs"), "#!/bin/sh\nexit 1\n");
    chmodSync(join(home, "bin", "resize2fs"), 0o755);
    const { status, stderr } = run(`mount_volume; findmnt ${home}/data`);
    expect(status).toBe(0);
    expect(stderr).toContain(`the file system of ${device.path} cannot grow to the size of the volume now`);
  });

  test("waits for a volume that is attached late", () => {
    const path = join(home, "nvme-Amazon_Elastic_Block_Store_vol0123");
    const { status, stdout } = run(
      `(sleep 1.5; ln -s ${device.path} ${path}) & mount_volume; findmnt -n ${home}/data`,
      path,
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`^steppe data volume: waiting for ${path} \\(0 s\\)\n(.*\n)*.* ext4 `)),
    });
  });

  test("mounts by the path that it was given, which outlives a change of numbers", () => {
    const path = join(home, "by-id");
    symlinkSync(device.path, path);
    expect(run("mount_volume", path).status).toBe(0);
    expect(fstab()).toContain(`${path} ${home}/data ext4 `);
  });

  test("finds the disk that a pattern names, by the first of its names", () => {
    mkdirSync(join(home, "by-id"));
    for (const name of ["vol01", "vol01_1", "vol01-part1"]) symlinkSync(device.path, join(home, "by-id", name));
    const { status, stderr } = run("mount_volume", join(home, "by-id", "vol*"));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(fstab()).toContain(`${home}/by-id/vol01 ${home}/data ext4 `);
  });

  test("never takes the disk of the system", () => {
    writeFileSync(join(home, "bin", "findmnt"), `#!/bin/sh\necho ${device.path}p1\n`);
    chmodSync(join(home, "bin", "findmnt"), 0o755);
    expect(run("mount_volume").stderr).toContain(`gave up after 3 s waiting for ${device.path}`);
  });

  test("refuses to choose between two disks", () => {
    const other = loopDevice(16 * MIB);
    mkdirSync(join(home, "by-id"));
    symlinkSync(device.path, join(home, "by-id", "vol01"));
    symlinkSync(other.path, join(home, "by-id", "vol02"));
    const { status, stderr } = run("mount_volume", join(home, "by-id", "vol*"));
    other.detach();
    expect(status).toBe(1);
    expect(stderr).toContain(`names several disks: ${home}/by-id/vol01 and ${home}/by-id/vol02`);
  });

  test("gives up on a volume that does not come, and says which", () => {
    const { status, stderr } = run("mount_volume", "/dev/disk/by-id/absent");
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        "steppe data volume: gave up after 3 s waiting for /dev/disk/by-id/absent; is the volume attached to this machine?\n",
    });
  });

  const foreign: [name: string, make: (path: string) => string, said: RegExp][] = [
    ["another file system", (path) => `mkswap -L other ${path}`, /holds swap, labelled other; it is left as it is/],
    [
      "ext4 of somebody else",
      (path) => `mkfs.ext4 -q -L backup ${path}`,
      /ext4 with the label 'backup', not steppe-data/,
    ],
    ["ext4 without a label", (path) => `mkfs.ext4 -q ${path}`, /ext4 with the label '', not steppe-data/],
    ["an older ext", (path) => `mkfs.ext2 -q -L steppe-data ${path}`, /holds ext2, labelled steppe-data/],
    ["a partition table", (path) => writePartition(path, 0x83), /has a partition table \(dos\)/],
    ["a table that protects a newer one", (path) => writePartition(path, 0xee), /has a partition table \(PMBR\)/],
    ["bytes without a file system", (path) => `echo data | dd of=${path} bs=1 seek=700000`, /first MiB is not empty/],
  ];
  test.each(foreign)("refuses %s and changes no byte", (_, make, said) => {
    execFileSync("sh", ["-c", make(device.path)], { stdio: "ignore" });
    const before = digest();
    const { status, stderr } = run("mount_volume");
    expect(status).toBe(1);
    expect(stderr).toMatch(said);
    expect(digest()).toBe(before);
    expect(fstab()).not.toContain(device.path);
  });

  test("refuses two file systems in one place", () => {
    execFileSync("sh", ["-c", `mkfs.ext4 -q -L steppe-data ${device.path} && mkswap ${device.path} 2>/dev/null; true`]);
    execFileSync("sh", ["-c", `mkfs.ext4 -q ${device.path}; printf SWAPSPACE2 | dd of=${device.path} bs=1 seek=4086`], {
      stdio: "ignore",
    });
    const before = digest();
    expect(run("mount_volume")).toMatchObject({ status: 1 });
    expect(digest()).toBe(before);
  });

  test("refuses a volume that is mounted elsewhere", () => {
    const { status, stderr } = run(
      `mount_volume >/dev/null; umount ${home}/data; mkdir ${home}/else; mount ${device.path} ${home}/else; mount_volume`,
    );
    expect(status).toBe(1);
    expect(stderr).toBe(`steppe data volume: ${device.path} is mounted at ${home}/else, not at ${home}/data\n`);
  });

  test("refuses a directory where something else is mounted", () => {
    const { status, stderr } = run(`mount -t tmpfs tmpfs ${home}/data; mount_volume`);
    expect(status).toBe(1);
    expect(stderr).toContain(`something else than ${device.path} is mounted at ${home}/data`);
  });

  test("refuses to hide what is in the directory", () => {
    writeFileSync(join(home, "data", "raft.db"), "");
    const { status, stderr } = run("mount_volume");
    expect(status).toBe(1);
    expect(stderr).toContain(`${home}/data is not empty; the volume would hide what is there: raft.db`);
  });
});
