import type { ResourceChange } from "../../change/types";
import { goneStacks } from "../../fleet/compare";
import { entry, text } from "../../json";
import { numbersAt, textAt } from "../../values";
import type { Finding, Subject } from "../types";

/** Arguments that say how much something holds, and what becomes of it when they say less. */
const SIZES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws_db_instance: { allocated_storage: "AWS does not make a database smaller" },
  aws_ebs_volume: { size: "AWS does not make a volume smaller, so that the apply fails" },
  aws_fsx_lustre_file_system: { storage_capacity: "AWS makes it anew, without its data" },
  aws_instance: { "root_block_device.volume_size": "AWS does not make a volume smaller, so that the apply fails" },
  google_compute_disk: { size: "Google makes it anew, without its data" },
  google_filestore_instance: { "file_shares.capacity_gb": "Google makes it anew, or refuses" },
  google_sql_database_instance: { "settings.disk_size": "Google makes it anew, without its data" },
  nomad_csi_volume: { capacity_max: "plugins do not make a volume smaller" },
  nomad_dynamic_host_volume: { capacity_max: "plugins do not make a volume smaller" },
};

/** Storage that is to hold less than it does. */
export function examineShrunk(subject: Subject): readonly Finding[] {
  const gone = goneStacks(subject);
  return subject.changes.flatMap((change): readonly Finding[] => {
    const [path] = gone.has(change.stack) ? [] : shrunkPaths(change);
    if (path === undefined) return [];
    const size = (values: ResourceChange["before"]) => textAt(values, path) ?? String(numbersAt(values, path)[0]);
    return [
      {
        id: "data/storage-shrunk",
        severity: "blocking",
        stack: change.stack,
        resource: change.address,
        reason: `shrinks from ${size(change.before)} to ${size(change.after)} (${path}): ${SIZES[change.type]?.[path] ?? ""}`,
        fix: "keep its size, or make a smaller one beside it and copy the data",
      },
    ];
  });
}

/** True for what {@link examineShrunk} tells of. */
export function isShrunk(change: ResourceChange): boolean {
  return shrunkPaths(change).length > 0;
}

function shrunkPaths({ type, action, before, after }: ResourceChange): readonly string[] {
  if ((action !== "update" && action !== "replace") || !Object.hasOwn(SIZES, type)) return [];
  return Object.keys(entry(SIZES, type) ?? {}).filter((path) => {
    const [was, is] = [bytesAt(before, path), bytesAt(after, path)];
    return was !== undefined && is !== undefined && is < was;
  });
}

const UNITS = ["b", "k", "m", "g", "t", "p"];

/** A size, whether it stands as a number or as text with a unit. Shape of text: `10GiB`, `10 GB`. Unknown where it is neither. */
function bytesAt(values: ResourceChange["before"], path: string): number | undefined {
  const [number] = numbersAt(values, path);
  if (number !== undefined) return number;
  const [, digits, letter = "b", binary] =
    /^\s*(\d+(?:\.\d+)?)\s*([kmgtp])?(i)?b?\s*$/i.exec(text(textAt(values, path)) ?? "") ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (binary === undefined ? 1000 : 1024) ** UNITS.indexOf(letter.toLowerCase());
}
