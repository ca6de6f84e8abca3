import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKS_FILE, type ProgramCheck } from "../scripts/checks-file";
import type { Stack } from "./terraform/stack";

export type { ProgramCheck } from "../scripts/checks-file";

/** What the rules say of a synthesized fleet's jobs; nothing of jobs that keep them all. */
export function checksOf(stacks: readonly Stack[]): readonly ProgramCheck[] {
  const [first] = stacks;
  if (first === undefined) return [];
  const path = join(first.directory, "..", "..", CHECKS_FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ProgramCheck[]) : [];
}
