import { labSshConfig, operatorCommand } from "./operator";
import { LabError } from "./errors";
import { containerProcesses } from "./container";
import { bootHost, bootSeconds, findHost, isOn, prepareHost, resetHost, stopHost, waitForSsh, wipeHost } from "./hosts";
import { assertRoot } from "./preflight";
import { poll, quote, run, runInTerminal, type RunOptions, type RunResult } from "./run";
import { OPERATOR, type LabHost } from "./spec";
import { requireState } from "./state";

/** Switches a host off. `hard` pulls the plug: no service gets to stop. */
export async function labPowerOff(host: string, { hard = false }: { readonly hard?: boolean } = {}): Promise<void> {
  assertRoot();
  await stopHost(await findHost(host), !hard);
}

/** Switches a host on and waits for its sshd. Does nothing when it is on. */
export async function labStart(host: string): Promise<void> {
  assertRoot();
  const found = await findHost(host);
  await bootHost(found);
  await waitForSsh(found);
}

/** Resets a host under way: no service gets to stop. Waits for its sshd. */
export async function labReset(host: string): Promise<void> {
  assertRoot();
  const found = await findHost(host);
  await resetHost(found);
  await waitForSsh(found);
}

/** Reboots a host from inside and waits for its sshd. */
export async function labReboot(host: string): Promise<void> {
  assertRoot();
  const found = await findHost(host);
  const before = await bootMark(found);
  if (before === undefined) throw isOff(host);
  await labExec(host, ["systemctl", "reboot"]);
  await poll(`host ${host} does not reboot`, bootSeconds(found) + 30, async () => {
    const now = await bootMark(found);
    return now !== undefined && now !== before ? now : undefined;
  });
  await waitForSsh(found);
}

/** Something that is another one after each boot of a host; undefined while nothing can be told. */
async function bootMark(host: LabHost): Promise<string | undefined> {
  if (host.machine === undefined) return (await containerProcesses(host.name))?.init?.toString();
  if (!(await isOn(host))) return undefined;
  const { code, stdout } = await labExec(host.name, ["cat", "/proc/sys/kernel/random/boot_id"]);
  return code === 0 ? stdout.trim() : undefined;
}

function isOff(host: string): LabError {
  return new LabError(`host ${host} is off`, [`switch it on: ./steppe lab start ${host}`]);
}

/** Makes a host anew from the image: only its data volume (`/srv/data`) and its SSH host key stay. */
export async function labRebuild(host: string): Promise<void> {
  assertRoot();
  const found = await findHost(host);
  await stopHost(found, false);
  await wipeHost(found);
  await prepareHost(found, (await requireState()).spec);
  await labStart(host);
}

export interface ExecOptions extends RunOptions {
  /** The command gets the caller's terminal; its output is not returned. */
  readonly terminal?: boolean;
}

/** What a command in a host has of an environment: nothing of the caller's but the name of its terminal. */
function environment(): string[] {
  return [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "USER=root",
    "LANG=C.UTF-8",
    `TERM=${process.env["TERM"] ?? "dumb"}`,
  ];
}

/** A machine that lost its power does not close its connections. */
const NOTICE_SILENCE = ["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=6"];

/**
 * The whole command that runs another one in a host. In a container it needs no SSH and works when the host's network does
 * not; a machine can only be asked over its LAN. The name `operator` stands for the operator's place.
 *
 * @param terminal - a machine's command gets a terminal of its own; a container's has the caller's.
 */
export async function execCommand(host: string, argv: readonly string[], terminal = false): Promise<string[]> {
  if (host === OPERATOR) return operatorCommand(argv);
  const found = await findHost(host);
  if (!(await isOn(found))) throw isOff(host);
  if (found.machine !== undefined) {
    const words = ["env", "-i", ...environment(), ...argv];
    const options = [...NOTICE_SILENCE, terminal && process.stdin.isTTY ? "-t" : "-T"];
    return operatorCommand(["ssh", "-F", labSshConfig(), ...options, host, words.map(quote).join(" ")]);
  }
  const init = (await containerProcesses(host))?.init;
  if (init === undefined) throw isOff(host);
  const into = ["nsenter", "--target", String(init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
  return [...into, "--wdns=/root", "env", "-i", ...environment(), ...argv];
}

/** Runs a command in a host. Its exit code is passed through; failing is no error here. */
export async function labExec(host: string, argv: readonly string[], options: ExecOptions = {}): Promise<RunResult> {
  assertRoot();
  const [command = "", ...args] = await execCommand(host, argv, options.terminal);
  if (options.terminal !== true) return await run(command, args, { allowFailure: true, ...options });
  return { code: await runInTerminal(command, args), stdout: "", stderr: "" };
}

/** The whole command that logs into a host over SSH from the operator's place, host key checked. */
export function sshCommand(host: string, argv: readonly string[] = []): string[] {
  return operatorCommand(["ssh", "-F", labSshConfig(), host, ...argv]);
}

/** Opens a shell on a host, or runs a command there. @returns the exit code. */
export async function labSsh(host: string, argv: readonly string[] = []): Promise<number> {
  assertRoot();
  await findHost(host);
  const [command = "", ...args] = sshCommand(host, argv);
  return await runInTerminal(command, args);
}
