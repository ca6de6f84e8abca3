/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file as a block device of the kernel. */
export interface LoopDevice {
  /** Shape: `/dev/loop3`. */
  readonly path: string;
  /** The file behind it. */
  readonly file: string;
  readonly grow: (bytes: number) => void;
  readonly detach: () => void;
}

/** @returns a block device of this size, all zeros. */
export function loopDevice(bytes: number): LoopDevice {
  const directory = mkdtempSync(join(tmpdir(), "steppe-loop-"));
  const file = join(directory, "volume");
  writeFileSync(file, "");
  truncateSync(file, bytes);
  const path = execFileSync("losetup", ["--find", "--show", file], { encoding: "utf8" }).trim();
  return {
    path,
    file,
    grow: (size) => {
      truncateSync(file, size);
      execFileSync("losetup", ["--set-capacity", path]);
    },
    detach: () => {
      execFileSync("losetup", ["--detach", path]);
      rmSync(directory, { recursive: true });
    },
  };
}

/** A `describe` that needs root and loop devices; skipped by name where they are not to be had. */
export function describeWithLoopDevices(title: string, tests: () => void): void {
  const { status } = spawnSync("sh", ["-c", '[ "$(id -u)" = 0 ] && losetup --find && command -v mkfs.ext4 resize2fs']);
  if (status === 0) describe(title, tests);
  else describe.skip(`${title} [skipped: needs root, loop devices and e2fsprogs]`, tests);
}

/**
 * A `describe` that needs a capability, which containers may lack also as root.
 *
 * @see https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
export function describeWithCapability(number: number, name: string, title: string, tests: () => void): void {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  if (((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n) describe(title, tests);
  else describe.skip(`${title} [skipped: needs ${name}]`, tests);
}
