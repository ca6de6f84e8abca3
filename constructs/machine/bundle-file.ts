import { paths } from "./paths";

/** What a difference in a file concerns: decides what is restarted. */
type Concern =
  "nomad" | "tailscaled" | "join" | "path" | "sysctl" | "lock" | "guest" | "notices" | "snapshots" | "access" | "none";

/** One file of a machine. */
export interface BundleFile {
  readonly path: string;
  readonly content: string;
  /** Octal, four digits. */
  readonly mode: string;
  /** `user:group`. */
  readonly owner: string;
  readonly concern: Concern;
}

/** A file that everybody may read. */
export function file(path: string, content: string, concern: Concern): BundleFile {
  return { path, content, mode: "0644", owner: "root:root", concern };
}

/** A program of the bundle's own, by its name in the library. */
export function script(name: string, content: string): BundleFile {
  return { path: `${paths.library}/${name}`, content, mode: "0755", owner: "root:root", concern: "none" };
}

/** The step that puts a file on a machine, after the prologue. */
export function putStep(entry: BundleFile): string {
  let delimiter = "STEPPE_END";
  while (entry.content.includes(delimiter)) delimiter += "_";
  const body = entry.content.endsWith("\n") ? entry.content : `${entry.content}\n`;
  return `put ${entry.mode} ${entry.owner} ${entry.path} ${entry.concern} <<'${delimiter}'\n${body}${delimiter}`;
}
