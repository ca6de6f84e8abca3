import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printHujson } from "../../constructs/tailnet/hujson";
import type { PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { UserError } from "../errors";
import { run } from "../process";
import type { Environment } from "../project";

/** A policy under the name that a diff shows. */
export interface NamedPolicy {
  readonly name: string;
  readonly policy: PolicyFile;
}

/**
 * The difference of two policies as `diff -u` tells it; empty where both say the same. Comments, layout and the order of
 * sections do not count.
 */
export async function policyDiff(before: NamedPolicy, after: NamedPolicy, env: Environment): Promise<string> {
  const [old, now] = [before, after].map(({ policy }) => policyLines(policy));
  if (old === now) return "";
  const folder = mkdtempSync(join(tmpdir(), "steppe-policy-"));
  try {
    const files = [join(folder, "before"), join(folder, "after")] as const;
    writeFileSync(files[0], old ?? "");
    writeFileSync(files[1], now ?? "");
    const labels = ["--label", before.name, "--label", after.name];
    const { code, stdout, stderr } = await run(["diff", "-u", ...labels, ...files], { env });
    if (code > 1) throw new UserError(`diff cannot compare the policies: ${stderr.trim()}`, ["install diffutils"]);
    return stdout.trimEnd();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One rule or definition per line. */
function policyLines(policy: PolicyFile): string {
  const sections = Object.fromEntries(Object.entries(policy).sort(([a], [b]) => (a < b ? -1 : 1)));
  return printHujson(
    sections,
    () => undefined,
    (path) => !path.includes("."),
  );
}
