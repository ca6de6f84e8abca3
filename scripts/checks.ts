import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "cdktf";
import { NomadJob } from "../constructs/nomad/job";
import { CHECKS_FILE, type ProgramCheck } from "./checks-file";

/**
 * Writes what the rules say of the jobs that they let pass, for `./steppe check`. Where there is nothing to say there is no
 * file, nor that of an earlier run.
 */
export function writeChecks(app: App): void {
  const checks = app.node.findAll().flatMap((node): ProgramCheck[] => {
    if (!(node instanceof NomadJob)) return [];
    const { warnings, allowances } = node.checked;
    if (warnings.length === 0 && allowances.length === 0) return [];
    return [{ construct: node.node.path, job: node.job.id, region: node.job.region ?? "", warnings, allowances }];
  });
  const path = join(app.outdir, CHECKS_FILE);
  if (checks.length === 0) rmSync(path, { force: true });
  else writeFileSync(path, `${JSON.stringify(checks, undefined, 2)}\n`);
}
