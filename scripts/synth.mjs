// What cdktf.json runs: bundles the program of the chosen fleet, then runs the bundle as a process of its own.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";

const program = await bundle(process.env.STEPPE_FLEET);
const { status, signal, error } = spawnSync(process.execPath, [program], { stdio: "inherit" });
if (error) throw error;
if (status === 0) removeStaleStacks(process.env.CDKTF_OUTDIR ?? "cdktf.out");
process.exit(signal ? 1 : status);

/**
 * A stack that is no longer in the program must not be applied again from an old file. Its directory stays, empty: cdktf deletes those
 * that it saw before the program ran, and fails where one has gone meanwhile.
 */
function removeStaleStacks(outdir) {
  const directory = join(outdir, "stacks");
  const manifest = join(outdir, "manifest.json");
  if (!existsSync(manifest) || !existsSync(directory)) return;
  const { stacks } = JSON.parse(readFileSync(manifest, "utf8"));
  for (const name of readdirSync(directory)) {
    if (stacks[name] !== undefined) continue;
    for (const file of readdirSync(join(directory, name))) rmSync(join(directory, name, file), { recursive: true });
  }
}
