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
