import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { sortKeys } from "../../constructs/jobspec/json-value";
import type { Stack } from "../terraform/stack";

/** Plan files of a directory of plans: what must not travel. */
export const PLAN_FILES = "plan-files";
/** What the plans were made from. */
export const SYNTHESIZED = "synthesized";
/** What of them is applied already. */
export const APPLIED_FILE = "applied.json";

/** Path of a stack's plan file within a directory of plans. */
export function planFileOf(stack: string): string {
  return join(PLAN_FILES, `${stack}.tfplan`);
}

/** Path of a stack's plan as JSON, without sensitive values. */
export function planJsonOf(stack: string): string {
  return join("json", `${stack}.json`);
}

/** SHA-256 in hexadecimal. */
export function digestOf(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** SHA-256 of all that was synthesized of a stack, however its document is written down, without what Terraform itself leaves there. */
export function documentDigest({ directory, document, dependencies }: Stack): string {
  const files = filesIn(directory).filter((path) => !/^\.terraform/.test(path) && path !== "cdk.tf.json");
  const assets = files.map((path) => `${path}\0${digestOf(readFileSync(join(directory, path)))}\n`).join("");
  return digestOf(`${JSON.stringify(sortKeys({ document, dependencies }))}\n${assets}`);
}

function filesIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}
