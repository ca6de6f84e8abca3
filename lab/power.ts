import { labSshConfig, operatorCommand } from "./operator";
import { LabError } from "./errors";
import { bootHost, findHost, hostProcesses, prepareHost, stopHost, waitForSsh, wipeHost } from "./hosts";
import { assertRoot } from "./preflight";
import { poll, run, runInTerminal, type RunOptions, type RunResult } from "./run";
import { OPERATOR } from "./spec";

/** Switches a host off. `hard` pulls the plug: no service gets to stop. */
export async function labPowerOff(host: string, { hard = false }: { readonly hard?: boolean } = {}): Promise<void> {
  assertRoot();
  await findHost(host);
  await stopHost(host, !hard);
}

/** Switches a host on and waits for its sshd. Does nothing when it is on. */
export async function labStart(host: string): Promise<void> {
  assertRoot();
  const found = await findHost(host);
  await bootHost(host);
  await waitForSsh(found);
}

/** Reboots a host from inside and waits for its sshd. */
export async function labReboot(host: string): Promise<void> {
  assertRoot();
  const found = await findHost(host);
  const before = (await hostProcesses(host))?.init;
  if (before === undefined) throw new LabError(`host ${host} is off`, [`switch it on: ./steppe lab start ${host}`]);
  await labExec(host, ["systemctl", "reboot"]);
  await poll(`host ${host} does not reboot`, 90, async () => {
    const now = (await hostProcesses(host))?.init;
    return now !== undefined && now !== before ? now : undefined;
  });
  await waitForSsh(found);
}

/** Makes a host anew from the image: only its data volume (`/srv/data`) and its SSH host key stay. */
export async function labRebuild(host: string): Promise<void> {
  assertRoot();
  await findHost(host);
  await stopHost(host, false);
  await wipeHost(host);
  await prepareHost(host);
  await labStart(host);
}

export interface ExecOptions extends RunOptions {
  /** The command gets the caller's terminal; its output is not returned. */
  readonly terminal?: boolean;
}

const CLEAN_ENVIRONMENT = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "USER=root",
  "LANG=C.UTF-8",
];

/**
 * The whole command that runs another one in a host, without SSH: it works when the host's network does not. The name
 * `operator` stands for the operator's place.
 */
export async function execCommand(host: string, argv: readonly string[]): Promise<string[]> {
  if (host === OPERATOR) return operatorCommand(argv);
  await findHost(host);
  const init = (await hostProcesses(host))?.init;
  if (init === undefined) throw new LabError(`host ${host} is off`, [`switch it on: ./steppe lab start ${host}`]);
  const into = ["nsenter", "--target", String(init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
  const terminal = `TERM=${process.env["TERM"] ?? "dumb"}`;
  return [...into, "--wdns=/root", "env", "-i", ...CLEAN_ENVIRONMENT, terminal, ...argv];
}

/** Runs a command in a host. Its exit code is passed through; failing is no error here. */
export async function labExec(host: string, argv: readonly string[], options: ExecOptions = {}): Promise<RunResult> {
  assertRoot();
  const [command = "", ...args] = await execCommand(host, argv);
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
