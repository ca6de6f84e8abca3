import { mkdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { ensureControl, ensureKeys } from "./control";
import { removeEverything } from "./down";
import { LabError, LabInterrupted, messageOf } from "./errors";
import { formatElapsed, withElapsed } from "./elapsed";
import { ensureCables, ensureFabric } from "./fabric";
import { ensureGolden } from "./golden";
import { bootHost, prepareHost, removeHost, waitForSsh } from "./hosts";
import { createImage, mountImage } from "./images";
import { ensureOperator, ensureOperatorKey, joinOperator, writeSshFiles } from "./operator";
import { ensureMachines } from "./machine/ensure";
import { ensurePackages, NEEDED_COMMANDS } from "./packages";
import { checkout, hostPaths, hostRecord, labPaths } from "./paths";
import { assertPossible, assertRangesFree, assertRoot } from "./preflight";
import { recorded } from "./processes";
import { ensureRootImage } from "./rootfs";
import type { Progress } from "./run";
import { assertOwnLab, readState, withLock, writeState, type LabState } from "./state";
import type { LabHost, LabSpec } from "./spec";
import { ensureTools } from "./tools";

/** Size of the file that holds all hosts' changes. Sparse: it takes what they write. */
const LAYERS_GIB = 64;

export interface LabOptions {
  /** Told in lines what happens. */
  readonly progress: Progress;
}

/**
 * Brings the lab up: tools, hosts, control server, operator. What runs already is left alone, so a second `up` is quick
 * and a host that the spec newly names joins a running lab; one that it no longer names goes.
 *
 * After Ctrl-C, what this call made is taken away again.
 *
 * @throws ValidationError for a spec that cannot be; LabError for a machine that cannot run it.
 */
export async function labUp(spec: LabSpec, { progress }: LabOptions): Promise<LabState> {
  assertRoot();
  const before = await readState();
  await assertOwnLab(before);
  await assertPossible(spec, before);
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) return progress("still taking away what was made; one moment");
    progress("interrupted: taking away what was made");
    interrupt.abort(new LabInterrupted("lab up was interrupted before anything was started"));
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("SIGHUP", onSignal);
  try {
    return await withLock("lab up", async () => await up(spec, progress, interrupt.signal));
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal).off("SIGHUP", onSignal);
  }
}

async function up(spec: LabSpec, progress: Progress, signal: AbortSignal): Promise<LabState> {
  const start = performance.now();
  const before = await readState();
  await ensurePackages(NEEDED_COMMANDS, progress, signal);
  await assertRangesFree(spec);
  const tools = await ensureTools(progress, signal);
  const rootImage = before?.rootImage ?? (await ensureRootImage(progress, signal));
  const machines = before?.machines ?? (await ensureMachines(spec, progress, signal));
  const state: LabState = {
    version: 1,
    checkout,
    phase: "starting",
    startedAt: before?.startedAt ?? new Date().toISOString(),
    spec: before ? withBoth(before.spec, spec) : spec,
    tools: before?.tools ?? tools,
    rootImage,
    ...(machines !== undefined && { machines }),
    namespacesBefore: before?.namespacesBefore ?? existsSync("/run/netns"),
  };
  const made: LabHost[] = [];
  try {
    await writeState(state);
    await make(spec, state, made, progress, signal);
    const finished: LabState = { ...state, phase: "up", spec };
    await dropHosts(state.spec, spec, progress);
    await writeState(finished);
    progress(`lab: ${spec.hosts.length} hosts are up (${formatElapsed(performance.now() - start)})`);
    return finished;
  } catch (error) {
    await undo(before, made, progress, signal.aborted);
    if (signal.aborted) throw new LabInterrupted("lab up was interrupted; what it had made is gone");
    throw error;
  }
}

/** While hosts come and go both specs hold: every host that may exist can be found. */
function withBoth(before: LabSpec, after: LabSpec): LabSpec {
  const names = new Set(after.hosts.map(({ name }) => name));
  const sites = new Set(after.sites.map(({ name }) => name));
  return {
    ...after,
    hosts: [...after.hosts, ...before.hosts.filter(({ name }) => !names.has(name))],
    sites: [...after.sites, ...before.sites.filter(({ name }) => !sites.has(name))],
  };
}

async function make(
  spec: LabSpec,
  state: LabState,
  made: LabHost[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const paths = labPaths();
  for (const folder of [paths.logs, paths.processes]) await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(paths.layersImage)) await createImage(paths.layersImage, LAYERS_GIB, signal);
  await mountImage(state.rootImage, paths.base, true, signal);
  await mountImage(paths.layersImage, paths.layers, false, signal);
  const key = await ensureOperatorKey();
  await ensureGolden(state.tools, key);
  const hosts: LabHost[] = [];
  for (const host of spec.hosts) if (!(await recorded(hostRecord(host.name)))) hosts.push(host);
  made.push(...hosts.filter(({ name }) => !existsSync(hostPaths(name).home)));
  await settleAll([ensureFabric(spec, signal), ...spec.hosts.map(async (host) => await prepareHost(host, spec))]);
  await writeSshFiles(spec);
  await ensureCables(spec, spec.hosts, signal);
  signal.throwIfAborted();
  const control = prepareControl(spec, state, signal);
  await settleAll([control, bootAll(hosts, progress, signal)]);
}

async function prepareControl(spec: LabSpec, state: LabState, signal: AbortSignal): Promise<void> {
  await settleAll([
    ensureControl(spec, state.tools, signal).then(async () => await ensureKeys(spec, state.tools, signal)),
    ensureOperator(spec, state.tools),
  ]);
  await joinOperator(spec, state.tools, signal);
}

async function bootAll(hosts: readonly LabHost[], progress: Progress, signal: AbortSignal): Promise<void> {
  if (hosts.length === 0) return;
  const start = performance.now();
  progress(`hosts: starting ${hosts.map(({ name }) => name).join(", ")}`);
  for (const host of hosts) {
    signal.throwIfAborted();
    await bootHost(host);
  }
  const wait = async () => await settleAll(hosts.map(async (host) => await waitForSsh(host, signal)));
  const machines = hosts.filter(({ machine }) => machine !== undefined).map(({ name }) => name);
  if (machines.length === 0) await wait();
  else await withElapsed(progress, `machines: waiting for ${machines.join(", ")} to answer on SSH`, wait);
  progress(`hosts: ${hosts.length} answer on SSH (${formatElapsed(performance.now() - start)})`);
}

/** Waits for all, then throws the first error: nothing may still be making things while they are taken away. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

async function dropHosts(old: LabSpec, spec: LabSpec, progress: Progress): Promise<void> {
  const names = new Set(spec.hosts.map(({ name }) => name));
  const gone = old.hosts.filter(({ name }) => !names.has(name));
  if (gone.length > 0) progress(`hosts: removing ${gone.map(({ name }) => name).join(", ")}, no longer in the fleet`);
  await Promise.all(gone.map(removeHost));
}

/** Takes away what a failed `up` made: all of a first one, only the new hosts of a later one. */
async function undo(
  before: LabState | undefined,
  made: readonly LabHost[],
  progress: Progress,
  quiet: boolean,
): Promise<void> {
  try {
    if (before) {
      await Promise.all(made.map(removeHost));
      await writeState(before);
    } else {
      if (!quiet) progress("lab up failed: taking away what was made");
      await removeEverything(progress);
    }
  } catch (error) {
    throw new LabError(`what was made could not all be taken away: ${messageOf(error)}`, ["run: ./steppe lab down"]);
  }
}
