import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdir, rm } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFiles } from "./golden";
import { hostPaths } from "./paths";
import { run } from "./run";

const KEY = "ssh_host_ed25519_key";

/** Files that make the shared image into one host. */
function identityFiles(name: string): Record<string, string> {
  return {
    "etc/hostname": `${name}\n`,
    "etc/hosts": `127.0.0.1 localhost\n127.0.1.1 ${name}\n::1 localhost ip6-localhost\n`,
    "etc/machine-id": `${randomBytes(16).toString("hex")}\n`,
    // A plain file without a server: tailscaled takes it over for MagicDNS.
    "etc/resolv.conf": "# No resolver until tailscaled writes one here.\n",
  };
}

/** Makes a host's SSH host key where there is none. */
export async function ensureHostKey(name: string): Promise<void> {
  const { identity } = hostPaths(name);
  await mkdir(identity, { recursive: true, mode: 0o700 });
  const key = join(identity, KEY);
  if (existsSync(`${key}.pub`)) return;
  await rm(key, { force: true });
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key]);
}

/** Writes what makes the shared image into one host, its SSH host key among it, into a folder. */
export async function writeIdentity(name: string, folder: string): Promise<void> {
  await mkdir(join(folder, "etc/ssh"), { recursive: true });
  await mkdir(join(folder, "var/log/journal"), { recursive: true });
  await chmod(folder, 0o755);
  const files = Object.entries(identityFiles(name)).map(([path, text]) => ({ path, mode: 0o644, text }));
  await writeFiles(folder, files);
  for (const suffix of ["", ".pub"]) {
    await copyFile(join(hostPaths(name).identity, `${KEY}${suffix}`), join(folder, `etc/ssh/${KEY}${suffix}`));
    await chmod(join(folder, `etc/ssh/${KEY}${suffix}`), suffix === "" ? 0o600 : 0o644);
  }
}

/** Public SSH host key of a host: `ssh-ed25519 AAAA...`. */
export function hostKey(name: string): string {
  const text = readFileSync(join(hostPaths(name).identity, `${KEY}.pub`), "utf8");
  return text.trim().split(" ").slice(0, 2).join(" ");
}
