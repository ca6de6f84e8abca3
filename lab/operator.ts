import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { controlUrl } from "./control";
import { LabError } from "./errors";
import { hostKey } from "./identity";
import { launch } from "./launcher";
import { labPaths, namespaceFile, OPERATOR_NAMESPACE } from "./paths";
import { forget, isAlive, recorded, type RecordedProcess } from "./processes";
import { poll, run } from "./run";
import { OPERATOR, type LabSpec } from "./spec";
import type { Tools } from "./tools";

/** Process that holds the operator's mount namespace. */
export const PLACE = "operator-place";

function operatorFile(name: string): string {
  return join(labPaths().operator, name);
}

/** Socket of the agent that holds the operator's SSH key: the value of `SSH_AUTH_SOCK`. */
export function labSshAgent(): string {
  return operatorFile("agent.sock");
}

/** Public key that every host lets in as root. */
export function labSshKey(): string {
  return readFileSync(operatorFile("id_ed25519.pub"), "utf8").trim();
}

/** Configuration file for `ssh -F`: strict host keys, the operator's key, root. */
export function labSshConfig(): string {
  return operatorFile("ssh_config");
}

/** Socket of the operator's tailscaled, for `tailscale --socket`. */
export function operatorTailscaleSocket(): string {
  return operatorFile("tailscaled.sock");
}

/** Makes the operator's SSH key, once. */
export async function ensureOperatorKey(): Promise<string> {
  await mkdir(labPaths().operator, { recursive: true, mode: 0o700 });
  await chmod(labPaths().operator, 0o700);
  const key = operatorFile("id_ed25519");
  if (!existsSync(`${key}.pub`))
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "lab-operator", "-f", key]);
  return labSshKey();
}

/** Lines of known_hosts: every host by name, MagicDNS name and address. */
export function knownHosts(spec: LabSpec, keyOf: (host: string) => string): string {
  return spec.hosts
    .map((host) => `${host.name},${host.name}.${spec.tailnetDomain},${host.address} ${keyOf(host.name)}\n`)
    .join("");
}

/** Text of the SSH configuration. */
export function sshConfig(spec: LabSpec, folder: string): string {
  const hosts = spec.hosts.map(
    (host) => `Host ${host.name}\n  HostName ${host.address}\n  HostKeyAlias ${host.name}\n`,
  );
  return `${hosts.join("")}Host *
  User root
  IdentityFile "${join(folder, "id_ed25519")}"
  IdentitiesOnly yes
  UserKnownHostsFile "${join(folder, "known_hosts")}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  PasswordAuthentication no
  ConnectTimeout 10
`;
}

/** Writes known_hosts and the SSH configuration for all hosts of the spec. */
export async function writeSshFiles(spec: LabSpec): Promise<void> {
  await writeFile(operatorFile("known_hosts"), knownHosts(spec, hostKey), { mode: 0o600 });
  await writeFile(labSshConfig(), sshConfig(spec, labPaths().operator), { mode: 0o600 });
}

/**
 * A resolver of its own, and names looked up in files and DNS only: a resolver service of the machine would answer for
 * the machine's own network.
 */
const OWN_RESOLVER = `
mount --bind "$1/resolv.conf" /etc/resolv.conf
[ ! -e /etc/nsswitch.conf ] || mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
[ ! -d /run/nscd ] || mount -t tmpfs -o mode=0755,size=64k lab /run/nscd
exec sleep infinity
`;

/** Makes the operator's place, agent and tailnet membership, as far as they are missing. The cable must be there. */
export async function ensureOperator(spec: LabSpec, tools: Tools): Promise<void> {
  if (!existsSync("/etc/resolv.conf"))
    throw new LabError("/etc/resolv.conf does not exist, or points to a file that does not", [
      "create it; the lab covers it for the operator only and leaves it as it is",
    ]);
  const place = await recorded(PLACE);
  if (!place) {
    for (const dependent of ["operator-tailscaled"]) {
      const left = await recorded(dependent);
      if (left) process.kill(left.pid, "SIGKILL");
      await forget(dependent);
    }
    const text = `nameserver 100.100.100.100\nsearch ${spec.tailnetDomain}\noptions timeout:2 attempts:3\n`;
    await writeFile(operatorFile("resolv.conf"), text);
    const lookups = await readFile("/etc/nsswitch.conf", "utf8").catch(() => "");
    await writeFile(operatorFile("nsswitch.conf"), lookups.replace(/^hosts:.*$/m, "hosts: files dns"));
    const own = [`--net=${namespaceFile(OPERATOR_NAMESPACE)}`, "unshare", "--mount", "--propagation", "slave"];
    await launch(PLACE, ["nsenter", ...own, "sh", "-euc", OWN_RESOLVER, "place", labPaths().operator]);
  }
  if (!(await recorded("operator-agent"))) {
    await run("rm", ["-f", labSshAgent()]);
    await launch("operator-agent", ["ssh-agent", "-D", "-a", labSshAgent()]);
    await poll("ssh-agent does not start", 10, () => (existsSync(labSshAgent()) ? true : undefined));
    const env = { ...process.env, SSH_AUTH_SOCK: labSshAgent() };
    await run("ssh-add", ["-q", operatorFile("id_ed25519")], { env });
  }
  const holder = await poll("the operator's place does not start", 10, async () => await readyPlace());
  const state = [`--state=${operatorFile("tailscaled.state")}`, `--statedir=${operatorFile("tailscale")}`];
  const flags = [`--socket=${operatorTailscaleSocket()}`, "--port=41641", "--no-logs-no-support"];
  const env = { ...process.env, TS_DEBUG_USE_DERP_HTTP: "1" };
  await launch("operator-tailscaled", [...enter(holder), tools.tailscaled, ...state, ...flags], env);
}

/** The place is ready when its resolver is in: the script has then become `sleep`. */
async function readyPlace(): Promise<RecordedProcess | undefined> {
  const found = await recorded(PLACE);
  if (!found) return undefined;
  const command = await readFile(`/proc/${found.pid}/comm`, "utf8").catch(() => "");
  return command.trim() === "sleep" ? found : undefined;
}

/** Joins the operator's machine to the tailnet, unless it has joined. The control server and the key must be there. */
export async function joinOperator(spec: LabSpec, tools: Tools, signal?: AbortSignal): Promise<void> {
  const cli = [`--socket=${operatorTailscaleSocket()}`];
  const status = await poll(
    "the operator's tailscaled does not answer",
    20,
    async () => {
      const { stdout } = await run(tools.tailscale, [...cli, "status", "--json"], { allowFailure: true, signal });
      return stdout.includes("BackendState") ? (JSON.parse(stdout) as { BackendState: string }) : undefined;
    },
    signal,
  );
  if (status.BackendState === "Running") return;
  const key = join(labPaths().keys, OPERATOR);
  const flags = [`--login-server=${controlUrl(spec)}`, `--auth-key=file:${key}`, `--hostname=${OPERATOR}`];
  await run(tools.tailscale, [...cli, "up", ...flags, "--accept-dns=true", "--timeout=30s"], { signal });
}

function enter(holder: RecordedProcess): string[] {
  return ["nsenter", `--net=${namespaceFile(OPERATOR_NAMESPACE)}`, `--mount=/proc/${holder.pid}/ns/mnt`];
}

/**
 * Puts a command into the operator's place: the operator's network, resolver and nothing else changed. Environment,
 * standard streams and working directory are those of whoever starts it.
 *
 * @returns the whole command, its first word a program.
 * @throws LabError when the operator's place does not run.
 */
export function operatorCommand(argv: readonly string[]): string[] {
  let holder: RecordedProcess | undefined;
  try {
    holder = JSON.parse(readFileSync(join(labPaths().processes, `${PLACE}.json`), "utf8")) as RecordedProcess;
  } catch {
    // None written down.
  }
  if (!isAlive(holder)) throw new LabError("the lab's operator is not there", ["start the lab with: ./steppe lab up"]);
  const prefix = enter(holder);
  const script = `dir=$(pwd -P); exec ${prefix.join(" ")} sh -c 'cd "$0" && exec "$@"' "$dir" "$@"`;
  return ["sh", "-c", script, "operator", ...argv];
}
