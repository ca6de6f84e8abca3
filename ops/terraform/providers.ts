import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import { satisfies, valid } from "semver";
import { type Environment, xdgDirectory } from "../project";
import { readOptional } from "../trust/directory";
import { fullSource, type Stack } from "./stack";

/** A directory from which Terraform can install a provider without a registry. */
export interface ProviderMirror {
  /** Shape: `registry.terraform.io/hashicorp/nomad`. */
  readonly source: string;
  /** Root of the mirror: holds `registry.terraform.io`. */
  readonly directory: string;
  readonly versions: readonly string[];
}

/**
 * Looks for a provider in local directories, the first hit counts: `STEPPE_PROVIDERS`, the directories that Terraform
 * itself would look into, then a `registry.terraform.io` folder directly under a folder of `/opt`.
 *
 * @param constraint - Terraform version constraint; mirrors without a version that satisfies it do not count.
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
 */
export function findMirror(source: string, env: Environment, constraint?: string): ProviderMirror | undefined {
  const full = fullSource(source);
  for (const directory of mirrorDirectories(env)) {
    const versions = versionsIn(join(directory, full)).filter(
      (version) => constraint === undefined || satisfiesConstraint(version, constraint),
    );
    if (versions.length > 0) return { source: full, directory, versions };
  }
  return undefined;
}

/**
 * Whether a provider can be had at all, and from where.
 *
 * @returns `"mirror"`, `"registry"`, or undefined where neither has it.
 */
export async function providerAvailable(
  source: string,
  env: Environment = process.env,
  constraint?: string,
): Promise<"mirror" | "registry" | undefined> {
  if (findMirror(source, env, constraint) !== undefined) return "mirror";
  const [host, ...path] = fullSource(source).split("/");
  const url = `https://${host}/v1/providers/${path.join("/")}/versions`;
  const answered = await new Promise<boolean>((done) => {
    const request = get(url, { timeout: 5000 }, (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => done(false));
  });
  return answered ? "registry" : undefined;
}

/**
 * Writes the command line configuration under which Terraform installs each provider from where it can be had.
 *
 * The user's own configuration is kept in front; one that says itself how providers are installed is left alone.
 *
 * @returns the path for `TF_CLI_CONFIG_FILE`.
 */
export function writeCliConfig(stacks: readonly Stack[], env: Environment, cache: string): string {
  const own = env["TF_CLI_CONFIG_FILE"] ?? join(env["HOME"] ?? homedir(), ".terraformrc");
  const theirs = readOptional(own) ?? "";
  if (/^\s*provider_installation\b/m.test(theirs)) return own;
  const mirrors = new Map<string, ProviderMirror>();
  for (const { source, version } of stacks.flatMap((stack) => Object.values(stack.providers))) {
    const mirror = findMirror(source, env, version);
    if (mirror !== undefined) mirrors.set(source, mirror);
  }
  const text = theirs + installation([...mirrors.values()]);
  const path = join(cache, "terraform", `${createHash("sha256").update(text).digest("hex").slice(0, 16)}.tfrc`);
  if (readOptional(path) !== text) {
    mkdirSync(join(cache, "terraform"), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
  return path;
}

/** Whether a version satisfies a constraint in Terraform's language: `~> 2.5`, `>= 2.0, < 3.0`, `2.5.2`. */
export function satisfiesConstraint(version: string, constraint: string): boolean {
  return constraint
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .every((part) => {
      const [, operator = "=", wanted = ""] = /^(~>|>=|<=|!=|[=<>])?\s*(.+)$/.exec(part) ?? [];
      const segments = wanted.replace(/^v/, "").split(".");
      const full = [...segments, "0", "0"].slice(0, 3).join(".");
      if (operator === "!=") return version !== full;
      if (operator !== "~>") return satisfies(version, `${operator}${full}`, { includePrerelease: false });
      // The last segment given may grow, those before it may not.
      const ceiling = segments.slice(0, -1).map(Number);
      ceiling[ceiling.length - 1] = (ceiling.at(-1) ?? 0) + 1;
      const upper = ceiling.length === 0 ? "" : ` <${[...ceiling, 0, 0].slice(0, 3).join(".")}`;
      return satisfies(version, `>=${full}${upper}`);
    });
}

function installation(mirrors: readonly ProviderMirror[]): string {
  if (mirrors.length === 0) return "";
  const blocks = mirrors.map(
    ({ directory, source }) =>
      `  filesystem_mirror {\n    path    = ${JSON.stringify(directory)}\n    include = [${JSON.stringify(source)}]\n  }\n`,
  );
  const excluded = mirrors.map(({ source }) => JSON.stringify(source)).join(", ");
  return `\nprovider_installation {\n${blocks.join("")}  direct {\n    exclude = [${excluded}]\n  }\n}\n`;
}

function mirrorDirectories(env: Environment): string[] {
  const named = env["STEPPE_PROVIDERS"];
  const home = env["HOME"] ?? homedir();
  const shared = (env["XDG_DATA_DIRS"] ?? "/usr/local/share:/usr/share").split(":").filter((path) => path !== "");
  return [
    ...(named === undefined || named === "" ? [] : [named]),
    join(home, ".terraform.d", "plugins"),
    join(xdgDirectory("DATA", env), "terraform", "plugins"),
    ...shared.map((directory) => join(directory, "terraform", "plugins")),
    ...foldersOf("/opt").map((folder) => join("/opt", folder)),
  ].filter((directory) => existsSync(directory));
}

/** Versions of a provider in a mirror that this machine can run; unpacked folders as well as packed archives. */
function versionsIn(directory: string): string[] {
  const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
  return namesOf(directory).flatMap((name) => {
    if (valid(name) !== null) return existsSync(join(directory, name, platform)) ? [name] : [];
    const packed = /^terraform-provider-[^_]+_(.+)_([a-z]+_[a-z0-9]+)\.zip$/.exec(name);
    return packed?.[1] !== undefined && packed[2] === platform ? [packed[1]] : [];
  });
}

function namesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function foldersOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}
