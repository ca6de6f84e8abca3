// Bundles the program of one fleet: node scripts/bundle.mjs, with STEPPE_FLEET naming fleets/<name>.ts or a path to one.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * First line of a bundle. The program runs once and is short: optimizing its functions as early as V8 does costs more than it
 * saves. Newer versions of Node do not know the flag.
 */
export const SHORT_RUN =
  'if (process.versions.node.startsWith("20.")) require("node:v8").setFlagsFromString("--interrupt-budget=800000");';

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Path of the fleet that a name or path stands for; ends the process with a list of what there is otherwise. */
export function fleetPath(selected) {
  const known = readdirSync(resolve(root, "fleets"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => basename(file, ".ts"));
  if (selected === undefined || selected === "") {
    fail(`no fleet chosen; set STEPPE_FLEET to one of: ${known.join(", ")}`);
  }
  const path = selected.endsWith(".ts") ? resolve(selected) : resolve(root, "fleets", `${selected}.ts`);
  if (!existsSync(path)) fail(`there is no fleet ${selected}; fleets/ has: ${known.join(", ")}`);
  return path;
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

/** Where the program of a fleet goes. A fleet from elsewhere must not take the place of one in fleets/ of the same name. */
function outfileOf(fleet) {
  const ours = dirname(fleet) === resolve(root, "fleets");
  const suffix = ours ? "" : `-${createHash("sha256").update(fleet).digest("hex").slice(0, 8)}`;
  return resolve(root, "dist", `${basename(fleet, ".ts")}${suffix}.cjs`);
}

/** Bundles the program into dist/<fleet>.cjs and returns that path. What does not compile ends the process. */
export async function bundle(selected) {
  const fleet = fleetPath(selected);
  const outfile = outfileOf(fleet);
  const { outputFiles } = await build({
    entryPoints: [resolve(root, "main.ts")],
    outfile,
    write: false,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifyWhitespace: true,
    banner: { js: SHORT_RUN },
    logLevel: "error",
    plugins: [
      {
        name: "steppe",
        setup(context) {
          context.onResolve({ filter: /^steppe:fleet$/ }, () => ({ path: "fleet", namespace: "steppe" }));
          context.onLoad({ filter: /.*/, namespace: "steppe" }, () => ({
            contents: [
              `import * as selected from ${JSON.stringify(fleet)};`,
              `export const fleet = selected["fleet"];`,
              `export const workloads = selected["workloads"];`,
              `if (fleet === undefined) {`,
              `  process.stderr.write(${JSON.stringify(`error: ${fleet} exports no fleet; export const fleet = defineFleet({ ... })\n`)});`,
              `  process.exit(1);`,
              `}`,
            ].join("\n"),
            resolveDir: root,
            loader: "js",
          }));
          // Only file assets need archiver, and loading it is a tenth of a second.
          context.onResolve({ filter: /^archiver$/ }, () => ({ path: "archiver", namespace: "absent" }));
          context.onLoad({ filter: /.*/, namespace: "absent" }, () => ({
            contents: `module.exports = () => { throw new Error("file assets are not bundled; use a string"); };`,
            loader: "js",
          }));
        },
      },
    ],
  }).catch(() => process.exit(1)); // esbuild has printed what is wrong and where
  // Renamed into place: another synthesis of the fleet may be about to run it.
  mkdirSync(dirname(outfile), { recursive: true });
  const partial = `${outfile}.${process.pid}`;
  writeFileSync(partial, outputFiles[0].contents);
  renameSync(partial, outfile);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await bundle(process.env.STEPPE_FLEET)}\n`);
}
