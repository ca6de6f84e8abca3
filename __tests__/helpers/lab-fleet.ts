import type { MachineBundle } from "../../constructs/machine/bundle";
import { paths } from "../../constructs/machine/paths";
import { tailnetMachines } from "../../lab/control";
import { labExec } from "../../lab/power";
import type { RunResult } from "../../lab/run";
import { secretPayload } from "../../ops/trust/secrets";
import type { Trust } from "../../ops/trust/trust";

/** Runs a shell script in a lab host. */
export async function sh(host: string, script: string): Promise<RunResult> {
  return await labExec(host, ["sh", "-c", script], { timeoutSeconds: 180 });
}

/** What a script in a lab host prints, without white space around it. */
export async function said(host: string, script: string): Promise<string> {
  return (await sh(host, script)).stdout.trim();
}

/**
 * Runs a bundle on a lab host, with the secrets of its identity, as a delivery does.
 *
 * @param changes - secrets by file name that take the place of the trust's.
 */
export async function deliver(
  host: string,
  bundle: MachineBundle,
  trust: Trust,
  changes: Readonly<Record<string, string>> = {},
  environment = "",
): Promise<RunResult> {
  const lines = secretPayload(trust, bundle.identity)
    .split("\n")
    .filter((line) => line !== "");
  const kept = lines.filter((line) => changes[line.split(" ")[0] ?? ""] === undefined);
  const changed = Object.entries(changes).map(
    ([file, content]) => `${file} ${Buffer.from(`${content}\n`).toString("base64")}`,
  );
  await upload(host, `${paths.incoming}/secrets`, [...kept, ...changed, ""].join("\n"));
  await upload(host, `${paths.incoming}/bundle`, bundle.script);
  return await sh(host, `${environment} sh ${paths.incoming}/bundle ${host}`);
}

/** Writes a file on a lab host. */
export async function upload(host: string, path: string, content: string): Promise<void> {
  const write = `umask 077; mkdir -p "$(dirname ${path})"; cat >${path}`;
  const { code, stderr } = await labExec(host, ["sh", "-c", write], { input: content });
  if (code !== 0) throw new Error(`${path} on ${host}: ${stderr}`);
}

/** What the control server says of a machine; undefined when it knows none of that name. */
export async function machineInTailnet(name: string) {
  return (await tailnetMachines()).find((machine) => machine.name === name);
}
