import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withElapsed } from "./elapsed";
import { LabError } from "./errors";
import { findCommand } from "./packages";
import { cacheDirectory } from "./paths";
import { removeStale } from "./stale";
import { run, type Progress } from "./run";

/** How one tool is built from a Go module of ours, which pins it and may hold commands of our own. */
export interface ToolModule {
  /** Name of the folder with go.mod and go.sum. */
  readonly folder: string;
  /**
   * Folder that it is in, below `lab/`.
   *
   * @default "tools"
   */
  readonly within?: string;
  /** Module whose version is the tool's version. */
  readonly module: string;
  /** Commands to build, `./` before our own; each lands in the tool's folder under its last path element. */
  readonly packages: readonly string[];
  /** Linker flags, given the version without `v`. */
  readonly ldflags?: (version: string) => string;
  /** @default true - as Go decides */
  readonly cgo?: boolean;
}

/** Version and place of a tool. */
export interface BuiltTool {
  readonly folder: string;
  readonly version: string;
}

/** Version that a go.mod requires of a module, without `v`. */
export function requiredVersion(goMod: string, module: string): string | undefined {
  for (const line of goMod.split("\n")) {
    const [first, second, third] = line.trim().split(/\s+/);
    const [name, version] = first === "require" ? [second, third] : [first, second];
    if (name === module && version !== undefined && /^v\d/.test(version)) return version.slice(1);
  }
  return undefined;
}

/** One Go file of ours, by its path in the module. */
export interface GoSource {
  readonly path: string;
  readonly text: string;
}

/**
 * Name of a tool's folder in the cache: changes with the version, with every pinned dependency and with our own source.
 */
export function toolFolder(
  name: string,
  version: string,
  goMod: string,
  goSum: string,
  sources: readonly GoSource[] = [],
): string {
  const hash = createHash("sha256").update(goMod).update("\0").update(goSum);
  for (const { path, text } of sources) hash.update(`\0${path}\0`).update(text);
  return `${name}-${version}-${hash.digest("hex").slice(0, 12)}`;
}

/** Folder of a tool's go.mod. */
export function moduleFolder(tool: ToolModule): string {
  return join(__dirname, tool.within ?? "tools", tool.folder);
}

/** Our own Go files in a module without their tests, in a fixed order. */
async function goSources(module: string): Promise<GoSource[]> {
  const all = await readdir(module, { recursive: true });
  const paths = all.filter((path) => path.endsWith(".go") && !path.endsWith("_test.go")).sort();
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(module, path), "utf8") })));
}

/** Reads the pin of a tool from its go.mod, its go.sum and our own source. */
export async function modulePin(tool: ToolModule): Promise<BuiltTool> {
  const source = moduleFolder(tool);
  const goMod = await readFile(join(source, "go.mod"), "utf8");
  const goSum = await readFile(join(source, "go.sum"), "utf8");
  const version = requiredVersion(goMod, tool.module);
  if (version === undefined) throw new LabError(`${join(source, "go.mod")} does not require ${tool.module}`);
  const name = toolFolder(tool.folder, version, goMod, goSum, await goSources(source));
  return { version, folder: join(cacheDirectory(), "tools", name) };
}

/** @returns the tool if it was built before. */
export async function cachedTool(tool: ToolModule): Promise<BuiltTool | undefined> {
  const pin = await modulePin(tool);
  try {
    await Promise.all(tool.packages.map((name) => access(join(pin.folder, basename(name)))));
    return pin;
  } catch {
    return undefined;
  }
}

/**
 * Builds a tool into the cache. The folder gets its name only when it is whole, so an interrupted build leaves nothing
 * that could be taken for a tool.
 *
 * @throws LabError with the compiler's last lines.
 */
export async function buildTool(tool: ToolModule, progress: Progress, signal?: AbortSignal): Promise<BuiltTool> {
  const go = findCommand("go") ?? findCommand("go", "/usr/local/go/bin");
  if (go === undefined)
    throw new LabError(`${tool.folder} must be built and there is no Go compiler`, [
      "install Go 1.25 or newer, see https://go.dev/doc/install",
      `or put ${tool.folder} at the version of ${join(moduleFolder(tool), "go.mod")} into PATH`,
    ]);
  const pin = await modulePin(tool);
  const temporary = `${pin.folder}.tmp-${process.pid}`;
  const flags = tool.ldflags === undefined ? [] : [`-ldflags=${tool.ldflags(pin.version)}`];
  const env: NodeJS.ProcessEnv = { ...process.env, GOFLAGS: "", GOWORK: "off" };
  if (tool.cgo === false) env["CGO_ENABLED"] = "0";
  await removeStale(join(pin.folder, ".."));
  await mkdir(temporary, { recursive: true });
  try {
    await withElapsed(progress, `building ${tool.folder} ${pin.version} (once)`, async () => {
      const args = ["build", "-mod=readonly", "-trimpath", ...flags, "-o", `${temporary}/`, ...tool.packages];
      await run(go, args, { cwd: moduleFolder(tool), env, signal });
    });
    await rm(pin.folder, { recursive: true, force: true });
    await rename(temporary, pin.folder);
    if (tool.packages.some((name) => name.startsWith("./"))) await removeOtherBuilds(pin.folder);
    return pin;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Takes away builds of our own earlier source, which whoever looks a command up by its name could take for this one. */
async function removeOtherBuilds(folder: string): Promise<void> {
  const parent = dirname(folder);
  const stem = basename(folder).replace(/[0-9a-f]+$/, "");
  for (const name of await readdir(parent))
    if (name.startsWith(stem) && name !== basename(folder) && /^[0-9a-f]+$/.test(name.slice(stem.length)))
      await rm(join(parent, name), { recursive: true, force: true });
}
