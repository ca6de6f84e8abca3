import { mkdir, open, readFile, rm } from "node:fs/promises";
import { run } from "./run";

const GIB = 2 ** 30;

/** Makes a sparse file with an empty ext4 in it. It takes space only as it fills. */
export async function createImage(file: string, sizeGiB: number, signal?: AbortSignal): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, "w", 0o600);
  await handle.truncate(sizeGiB * GIB);
  await handle.close();
  // No journal: what a crash of the machine loses is made again.
  const features = ["-O", "^has_journal", "-m", "0", "-E", "lazy_itable_init=1,nodiscard"];
  await run("mke2fs", ["-q", "-F", "-t", "ext4", ...features, file], { signal });
}

/** A disk of a machine. */
export interface Disk {
  readonly sizeGiB: number;
  /** Label of its file system, by which the machine mounts it. */
  readonly label: string;
  /** Folder whose files it holds. @default - none */
  readonly from?: string;
}

/** Makes a sparse file that is a machine's disk: an ext4 with a journal, for a machine that loses its power. */
export async function createDisk(file: string, disk: Disk, signal?: AbortSignal): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  await handle.truncate(disk.sizeGiB * GIB);
  await handle.close();
  // Few inodes: their tables are written when the disk is first used.
  const features = ["-m", "0", "-i", "65536", "-E", "lazy_itable_init=1,nodiscard", "-L", disk.label];
  const content = disk.from === undefined ? [] : ["-d", disk.from];
  await run("mke2fs", ["-q", "-F", "-t", "ext4", ...features, ...content, file], { signal });
}

/** One line of `/proc/self/mountinfo`. */
export interface Mount {
  readonly point: string;
  readonly type: string;
  readonly source: string;
  /** Options of the file system itself, for example the controllers of a cgroup hierarchy. */
  readonly superOptions: readonly string[];
}

/** Reads `/proc/self/mountinfo`; blanks in paths are written there as octal numbers. */
export function parseMountinfo(text: string): Mount[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [left = "", right = ""] = line.split(" - ");
      const [type = "", source = "", options = ""] = right.split(" ");
      const point = (left.split(" ")[4] ?? "").replace(/\\(\d{3})/g, (_, code: string) =>
        String.fromCharCode(parseInt(code, 8)),
      );
      return { point, type, source, superOptions: options.split(",") };
    });
}

/** All mounts that this process sees. */
export async function mounts(): Promise<Mount[]> {
  return parseMountinfo(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Mounts at or below a folder, the deepest and latest first. */
export function mountsBelow(all: readonly Mount[], folder: string): string[] {
  return all
    .map(({ point }) => point)
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .reverse();
}

/** Mounts an image through a loop device that goes away with the mount. Does nothing when it is mounted. */
export async function mountImage(image: string, point: string, readOnly: boolean, signal?: AbortSignal): Promise<void> {
  if ((await mounts()).some((mount) => mount.point === point)) return;
  await mkdir(point, { recursive: true });
  await run("mount", ["-o", `loop,noatime${readOnly ? ",ro" : ""}`, image, point], { signal });
}

/** Unmounts everything at or below a folder. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const point of mountsBelow(await mounts(), folder)) {
    const result = await run("umount", [point], { allowFailure: true });
    if (result.code !== 0) await run("umount", ["--lazy", point], { allowFailure: true });
  }
}

/** Detaches loop devices whose file is given, in case a mount did not take them with it. */
export async function detachLoops(file: string): Promise<void> {
  const { stdout } = await run("losetup", ["--associated", file, "--output", "NAME", "--noheadings"], {
    allowFailure: true,
  });
  for (const device of stdout.split("\n").filter(Boolean)) {
    await run("losetup", ["--detach", device.trim()], { allowFailure: true });
  }
}
