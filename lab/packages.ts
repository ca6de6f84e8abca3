import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { LabError } from "./errors";
import { withElapsed } from "./elapsed";
import { run, type Progress } from "./run";

/** A command that the lab runs, and the Debian package that has it. */
export interface NeededCommand {
  readonly command: string;
  readonly package: string;
}

/** All commands of the machine itself that the lab runs. */
export const NEEDED_COMMANDS: readonly NeededCommand[] = [
  { command: "mmdebstrap", package: "mmdebstrap" },
  { command: "systemd-nspawn", package: "systemd-container" },
  { command: "ip", package: "iproute2" },
  { command: "ssh", package: "openssh-client" },
  { command: "ssh-keygen", package: "openssh-client" },
  { command: "ssh-agent", package: "openssh-client" },
  { command: "mke2fs", package: "e2fsprogs" },
  { command: "mount", package: "mount" },
  { command: "losetup", package: "mount" },
  { command: "nsenter", package: "util-linux" },
  { command: "unshare", package: "util-linux" },
];

/** What hosts that are machines want beside it. */
export const MACHINE_COMMANDS: readonly NeededCommand[] = [
  { command: "qemu-system-x86_64", package: "qemu-system-x86" },
];

/** Folders with the commands of an administrator, which a user's PATH may lack. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** @returns the full path of a command, or nothing. */
export function findCommand(command: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  for (const folder of [...path.split(delimiter), ...SYSTEM_FOLDERS]) {
    if (folder === "") continue;
    try {
      accessSync(join(folder, command), constants.X_OK);
      return join(folder, command);
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/** @returns the packages, each once, whose commands are not there. */
export function missingPackages(
  has: (command: string) => boolean,
  needed: readonly NeededCommand[] = NEEDED_COMMANDS,
): string[] {
  return [...new Set(needed.filter(({ command }) => !has(command)).map((each) => each.package))];
}

/** Fields of `/etc/os-release`. */
export function osRelease(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [, key, value] of text.matchAll(/^([A-Z_]+)=(.*)$/gm)) {
    if (key !== undefined && value !== undefined) fields[key] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return fields;
}

/** @returns the fields of this machine's `/etc/os-release`, none where there is no such file. */
export function thisOsRelease(): Record<string, string> {
  try {
    return osRelease(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return {};
  }
}

/** True on Debian and what descends from it. */
export function isDebianLike(fields: Record<string, string>): boolean {
  return [fields["ID"], ...(fields["ID_LIKE"] ?? "").split(" ")].some((id) => id === "debian" || id === "ubuntu");
}

/** True where the lab can install packages by itself. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && isDebianLike(thisOsRelease()) && findCommand("apt-get") !== undefined;
}

/**
 * Installs the system packages that are missing, and says which.
 *
 * @throws LabError that names them, where they cannot be installed by us.
 */
export async function ensurePackages(
  needed: readonly NeededCommand[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const missing = missingPackages((command) => findCommand(command) !== undefined, needed);
  if (missing.length === 0) return;
  const names = missing.join(" ");
  if (!canInstall())
    throw new LabError(`these programs are missing: ${names} (names of the Debian packages)`, [
      `install them, on Debian with: apt-get install ${names}`,
    ]);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  await withElapsed(progress, `installing with apt: ${names}`, async () => {
    await run("apt-get", ["update"], { env, signal, allowFailure: true });
    await run("apt-get", install, { env, signal });
  });
}
