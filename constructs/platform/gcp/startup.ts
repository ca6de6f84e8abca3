import { terraformLiteral } from "../../core/literal";
import type { Problem } from "../../core/problems";
import type { JoinClient, UserData } from "../../machine/user-data";
import type { Fleet } from "../../../model/types";

/** What machines run at every boot. */
export interface GcpStartup {
  /** Of a server: data disk, host key, tailnet. */
  readonly server: (
    fleet: Fleet,
    region: string,
    options: { readonly host: string; readonly joinClient?: JoinClient; readonly generation?: number },
  ) => UserData;
  /** Of a pool's machines: the whole bundle. */
  readonly pool: (
    fleet: Fleet,
    pool: string,
    options: { readonly joinClient?: JoinClient; readonly generation?: number },
  ) => UserData;
}

/** Largest value of one key of the metadata, bytes. @see https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations */
const MAXIMUM_BYTES = 262_144;

/** How many of the largest files an error names. */
const NAMED_FILES = 5;

/** A startup script as Terraform takes it: as it is, for Google sets a wide limit. */
export function startupScript({ text }: UserData): string {
  return terraformLiteral(text);
}

/** Problems with the size of a startup script, with what takes the most room. @param path - Shape: `pools.gpu`. */
export function startupProblems(path: string, { text, files }: UserData): readonly Problem[] {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAXIMUM_BYTES) return [];
  const largest = files
    .map((file) => ({ path: file.path, bytes: Buffer.byteLength(file.content) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, NAMED_FILES);
  return [
    {
      path,
      rule: `has a startup script of ${bytes} bytes, and Google takes ${MAXIMUM_BYTES}`,
      fix: `shorten what takes the most: ${largest.map((file) => `${file.path} (${file.bytes})`).join(", ")}`,
    },
  ];
}
