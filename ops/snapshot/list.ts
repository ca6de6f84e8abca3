import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isMissing, UserError } from "../errors";

/** A file that the servers, or `./steppe snapshot save`, wrote. What is known of it follows from its path. */
export interface SnapshotFile {
  readonly file: string;
  /** Absent where it does not lie in `<fleet>/<region>/`. */
  readonly fleet?: string;
  readonly region?: string;
  /** When it was taken, ISO 8601. */
  readonly taken: string;
  /** Raft index up to which it goes. */
  readonly index: number;
  readonly bytes: number;
}

/** Name of a snapshot as the servers give it. Shape: `20261121T120000Z-4711.snap`. */
const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-(\d+)\.snap$/;

/**
 * Snapshots in a directory and below, the newest first.
 *
 * @throws UserError when there is no such directory.
 */
export function snapshotFiles(directory: string): readonly SnapshotFile[] {
  return filesBelow(directory)
    .flatMap((file) => snapshotFile(file) ?? [])
    .sort((a, b) => (a.taken === b.taken ? b.index - a.index : a.taken < b.taken ? 1 : -1));
}

function snapshotFile(file: string): SnapshotFile | undefined {
  const [, year, month, day, hour, minute, second, index] = NAME.exec(basename(file)) ?? [];
  if (index === undefined) return undefined;
  const [region, fleet] = [basename(dirname(file)), basename(dirname(dirname(file)))];
  return {
    file,
    ...(fleet !== "" && region !== "" && { fleet, region }),
    taken: `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
    index: Number(index),
    bytes: statSync(file).size,
  };
}

function filesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (isMissing(error)) throw new UserError(`there is no directory ${directory}`);
    throw error;
  }
}
