// npm run check: everything that must hold of the source, each part even when one before it failed.
import { spawnSync } from "node:child_process";

const parts = ["format:check", "lint", "typecheck"];
const failed = parts.filter((part) => {
  process.stdout.write(`== ${part}\n`);
  return spawnSync("npm", ["run", "--silent", part], { stdio: "inherit" }).status !== 0;
});
for (const fleet of ["lab", "example"]) {
  process.stdout.write(`== synth ${fleet}\n`);
  const env = { ...process.env, STEPPE_FLEET: fleet, CDKTF_OUTDIR: `dist/check-${fleet}` };
  if (spawnSync("node", ["scripts/synth.mjs"], { stdio: ["ignore", "ignore", "inherit"], env }).status !== 0)
    failed.push(`synth ${fleet}`);
}
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join(", ")}\n`);
  process.exit(1);
}
