import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";

/** Environment that a function reads. Given as an argument, so that tests need not change the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Directory of this checkout of Steppe. */
export const projectDirectory = dirname(__dirname);

/** The git repository that a directory lies in, or the directory itself outside of any. */
export function repositoryOf(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return directory;
  }
}

/** A directory of the XDG base directory specification. Relative values are ignored, as it demands. */
export function xdgDirectory(kind: "DATA" | "CACHE", env: Environment): string {
  const given = env[`XDG_${kind}_HOME`];
  if (given !== undefined && isAbsolute(given)) return given;
  return join(env["HOME"] ?? homedir(), kind === "DATA" ? ".local/share" : ".cache");
}

/** Where Steppe keeps what can be made again. */
export function cacheDirectory(env: Environment): string {
  return join(xdgDirectory("CACHE", env), "steppe");
}

/** Absolute path with links resolved, also for a path whose end does not exist yet. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realPath(parent), absolute.slice(parent.length));
}

/** True when a path is a directory or lies below it. Links are followed. */
export function isInside(path: string, directory: string): boolean {
  const inner = realPath(path);
  const outer = realPath(directory);
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}
