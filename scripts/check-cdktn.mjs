// npm run check:cdktn: the program on cdktn, CDKTF's successor, in the place of cdktf must synthesize the same output.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HELP = `usage: npm run check:cdktn

Synthesizes the fleets lab and example with cdktf and with npm:cdktn under the name of cdktf, and compares the files as
JSON: all but the version must be equal. Exits 1 when they differ.

The packages are installed once, outside of the project: \${XDG_CACHE_HOME:-~/.cache}/steppe/cdktn-<hash of the versions>.
`;

const CDKTN = "0.24.0";
const FLEETS = ["lab", "example"];
/** What a program is made of. */
const SOURCES = ["main.ts", "model", "constructs", "stacks", "fleets", "gen", "scripts", "tsconfig.json"];

const root = resolve(fileURLToPath(import.meta.url), "../..");
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const [option] = process.argv.slice(2);
if (option === "--help") {
  process.stdout.write(HELP);
  process.exit(0);
}
if (option !== undefined) fail(`unknown option ${option}\n\n${HELP}`);

const scratch = mkdtempSync(join(tmpdir(), "steppe-cdktn-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const copy = join(scratch, "program");
for (const name of SOURCES)
  if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
rmSync(join(copy, "scripts", "generate-bindings.ts")); // what it makes is in gen/; its packages are not the program's

const modules = install();
const differences = FLEETS.flatMap((fleet) => {
  const before = synthesize(fleet, "cdktf", join(root, "node_modules"));
  const after = synthesize(fleet, "cdktn", modules);
  const found = compare(before, after);
  const bytes = before.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const version = `version ${before.at(0)?.version} and ${after.at(0)?.version}`;
  const verdict = found.length === 0 ? `equal but for ${version}` : `${found.length} differences beside ${version}`;
  process.stdout.write(`${fleet}: ${before.length} files, ${bytes} bytes on cdktf and on cdktn: ${verdict}\n`);
  return found.map((difference) => `${fleet}/${difference}`);
});
for (const difference of differences.slice(0, 20)) process.stderr.write(`  ${difference}\n`);
if (differences.length > 20) process.stderr.write(`  and ${differences.length - 20} more\n`);
process.exit(differences.length === 0 ? 0 : 1);

/** Directory of node_modules with cdktn as cdktf and whatever else the program imports, in the project's versions. */
function install() {
  const versions = { ...devDependencies, ...dependencies };
  const needed = [...importedPackages(), "constructs", "esbuild"].filter((name) => versions[name] !== undefined);
  const manifest = {
    private: true,
    dependencies: {
      ...Object.fromEntries([...new Set(needed)].sort().map((name) => [name, versions[name]])),
      cdktf: `npm:cdktn@${CDKTN}`,
    },
    // The bindings ask for cdktf as a peer.
    overrides: { cdktf: "$cdktf", constructs: "$constructs" },
  };
  const text = JSON.stringify(manifest, null, 2);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "steppe");
  const directory = join(cache, `cdktn-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`);
  if (!existsSync(directory)) {
    process.stdout.write(`installing cdktn ${CDKTN} into ${directory}\n`);
    mkdirSync(cache, { recursive: true });
    const unfinished = mkdtempSync(`${directory}.`);
    process.on("exit", () => rmSync(unfinished, { recursive: true, force: true }));
    writeFileSync(join(unfinished, "package.json"), text);
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error"];
    const { status, stderr, error } = spawnSync("npm", ["install", ...flags], { cwd: unfinished, encoding: "utf8" });
    if (status !== 0) {
      const reason = error?.message ?? stderr.trim().split("\n").slice(0, 4).join("\n");
      fail(`cannot install cdktn ${CDKTN} from npm's registry; is it in reach?\n${reason}`);
    }
    try {
      renameSync(unfinished, directory);
    } catch (problem) {
      if (!existsSync(directory)) throw problem; // else another run was quicker
    }
  }
  return join(directory, "node_modules");
}

/** Names of the packages that the copied sources import. */
function importedPackages() {
  const files = readdirSync(copy, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return files.flatMap((path) =>
    [...readFileSync(join(copy, path), "utf8").matchAll(/from "((?:@[\w-]+\/)?[\w.-]+)/g)]
      .map(([, name]) => name)
      .filter((name) => !name.startsWith(".")),
  );
}

/** The files that the program writes, run with these packages. */
function synthesize(fleet, name, nodeModules) {
  const link = join(copy, "node_modules");
  rmSync(link, { force: true });
  symlinkSync(nodeModules, link);
  const outdir = join(scratch, `${fleet}-${name}`);
  const env = { ...process.env, STEPPE_FLEET: fleet, CDKTF_OUTDIR: outdir };
  const { status, stderr, error } = spawnSync(process.execPath, ["scripts/synth.mjs"], {
    cwd: copy,
    env,
    encoding: "utf8",
  });
  if (status !== 0) fail(`fleet ${fleet} does not synthesize on ${name}:\n${error?.message ?? stderr.trim()}`);
  const paths = readdirSync(outdir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  return paths.sort().map((path) => {
    const text = readFileSync(join(outdir, path), "utf8");
    const json = JSON.parse(text);
    const holder = json["//"]?.metadata ?? json; // of a stack, of the manifest
    const { version } = holder;
    delete holder.version;
    return { path, text, json, version };
  });
}

function compare(before, after) {
  const paths = [...new Set([...before, ...after].map(({ path }) => path))];
  const jsonOf = (files, path) => files.find((file) => file.path === path)?.json;
  return paths.flatMap((path) => differencesOf(jsonOf(before, path), jsonOf(after, path), path));
}

/** Where two JSON values differ, with both values. */
function differencesOf(a, b, path) {
  const isObject = (value) => typeof value === "object" && value !== null;
  if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differencesOf(a[key], b[key], `${path} ${key}`));
  }
  const show = (value) => (JSON.stringify(value) ?? "nothing").slice(0, 80);
  return a === b ? [] : [`${path}: cdktf wrote ${show(a)}, cdktn ${show(b)}`];
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
