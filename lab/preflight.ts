import { existsSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { assertValid } from "../constructs/core/problems";
import { LabError } from "./errors";
import { labNamespaces } from "./fabric";
import { FABRIC, labPaths, OPERATOR_NAMESPACE } from "./paths";
import { machineRanges, overlaps, type MachineRange } from "./ranges";
import { run } from "./run";
import { controlCidr, kindOf, validateLabSpec, type LabSpec } from "./spec";
import type { LabState } from "./state";

/** @throws LabError unless this is root on Linux. */
export function assertRoot(): void {
  if (process.platform !== "linux")
    throw new LabError(`the lab needs Linux, this is ${process.platform}`, ["run it in a Linux machine"]);
  if (process.getuid?.() !== 0)
    throw new LabError("the lab needs root: it makes network namespaces and boots hosts in them", [
      "run it again with sudo, or in a machine of its own",
    ]);
}

/** Why hosts here cannot be machines of their own; empty where they can. */
export function machineObstacles(): string[] {
  return [
    ...(process.arch === "x64" ? [] : [`the lab makes machines for x86-64 only, and this is ${process.arch}`]),
    ...(existsSync("/dev/net/tun") ? [] : ["there is no /dev/net/tun, where the cable of a machine ends"]),
  ];
}

/** Ranges of a spec that the machine itself uses, each with what uses it. */
export function rangeCollisions(spec: LabSpec, machine: readonly MachineRange[]): string[] {
  const own = [
    { name: "the control server", cidr: controlCidr(spec) },
    ...spec.sites.map((site) => ({ name: `site ${site.name}`, cidr: site.cidr })),
  ];
  return own.flatMap(({ name, cidr }) => {
    const found = machine.find((range) => overlaps(cidr, range.cidr));
    return found ? [`${cidr} of ${name} overlaps ${found.cidr}, which this machine has on ${found.device}`] : [];
  });
}

/** What a running lab cannot change without being taken down: addresses that exist already. */
export function conflictingChanges(before: LabSpec, after: LabSpec): string[] {
  const found: string[] = [];
  if (before.fleet !== after.fleet) found.push(`fleet: was ${before.fleet}, is ${after.fleet}`);
  if (before.tailnetDomain !== after.tailnetDomain)
    found.push(`tailnetDomain: was ${before.tailnetDomain}, is ${after.tailnetDomain}`);
  if (controlCidr(before) !== controlCidr(after))
    found.push(`controlCidr: was ${controlCidr(before)}, is ${controlCidr(after)}`);
  for (const site of after.sites) {
    const old = before.sites.find(({ name }) => name === site.name);
    if (old && old.cidr !== site.cidr) found.push(`sites.${site.name}.cidr: was ${old.cidr}, is ${site.cidr}`);
  }
  for (const host of after.hosts) {
    const old = before.hosts.find(({ name }) => name === host.name);
    if (old && (old.site !== host.site || old.address !== host.address))
      found.push(`hosts.${host.name}: was ${old.address} in ${old.site}, is ${host.address} in ${host.site}`);
    if (old && kindOf(old) !== kindOf(host))
      found.push(`hosts.${host.name}: was a ${kindOf(old)}, is a ${kindOf(host)}`);
  }
  return found;
}

/** Everything that can be known to be wrong before anything is made. @throws with all of it. */
export async function assertPossible(spec: LabSpec, running: LabState | undefined): Promise<void> {
  assertValid(`lab of fleet ${spec.fleet}`, validateLabSpec(spec));
  const obstacles = spec.hosts.some(({ machine }) => machine !== undefined) ? machineObstacles() : [];
  if (obstacles.length > 0)
    throw new LabError(`a host cannot be a machine here: ${obstacles.join("; ")}`, ["let it be a container"]);
  if (running) {
    const changes = conflictingChanges(running.spec, spec);
    if (changes.length > 0)
      throw new LabError(`the running lab cannot change this:\n  ${changes.join("\n  ")}`, [
        "start it anew: ./steppe lab down && ./steppe lab up",
      ]);
  } else {
    await assertNoForeignLab();
  }
}

/** @throws LabError when a range of the spec is in use on this machine. */
export async function assertRangesFree(spec: LabSpec): Promise<void> {
  const ask = async (...args: string[]) => (await run("ip", ["-j", ...args], { allowFailure: true })).stdout;
  const used = machineRanges(await ask("-4", "addr"), await ask("-4", "route", "show", "table", "all"));
  const collisions = rangeCollisions(spec, used);
  if (collisions.length > 0)
    throw new LabError(`a range is in use on this machine:\n  ${collisions.join("\n  ")}`, [
      "choose other ranges for the sites of the lab fleet",
    ]);
}

/** @throws LabError when namespaces of the lab exist that this user's lab did not make. */
async function assertNoForeignLab(): Promise<void> {
  const found = await labNamespaces();
  if (found.length === 0) return;
  const owner = await foreignRunDirectory();
  if (owner !== undefined)
    throw new LabError(`another user's lab is running on this machine, in ${owner}`, [
      "stop it as that user: ./steppe lab down",
    ]);
  throw new LabError(`network namespaces are left of a lab: ${found.join(", ")}`, [
    "take them away with: ./steppe lab down",
  ]);
}

/** Run directory of a lab that is not ours, told by the command lines in its namespaces. */
export async function foreignRunDirectory(): Promise<string | undefined> {
  for (const namespace of [FABRIC, OPERATOR_NAMESPACE]) {
    const { stdout } = await run("ip", ["netns", "pids", namespace], { allowFailure: true });
    for (const pid of stdout.split("\n").filter(Boolean)) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      const owner = /(\/[^\0]*\/steppe\/lab)\/(?:control|operator)\b/.exec(command)?.[1];
      if (owner !== undefined && owner !== labPaths().run) return owner;
    }
  }
  return undefined;
}

/** @throws LabError when this process is inside the operator's place, which is about to go. */
export async function assertOutside(): Promise<void> {
  const own = await readlink("/proc/self/ns/net");
  for (const namespace of await labNamespaces()) {
    const { stdout } = await run("ip", ["netns", "pids", namespace], { allowFailure: true });
    if (!stdout.split("\n").includes(String(process.pid))) continue;
    throw new LabError(`this shell is inside the lab (${namespace}, ${own})`, ["leave it first: exit"]);
  }
}
