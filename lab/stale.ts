import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describeProcess } from "./processes";

/** Process number in a temporary name like `root.ext4.tmp-1234` or `root.ext4.tmp-1234.mount`. */
export function temporaryOwner(name: string): number | undefined {
  const pid = /\.tmp-(\d+)(\.mount)?$/.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Removes what killed builds left in a folder of the cache. */
export async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const owner = temporaryOwner(name);
    if (owner !== undefined && !describeProcess(owner)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
