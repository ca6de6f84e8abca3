import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "./errors";
import { checkout, labPaths, lockFile } from "./paths";
import { anyRuns, describeProcess, isAlive, type RecordedProcess } from "./processes";
import type { Acceleration } from "./machine/accelerator";
import type { MachineImage } from "./machine/image";
import type { LabSpec } from "./spec";
import type { Tools } from "./tools";

/** What hosts that are machines are made from and run on. */
export interface LabMachines {
  readonly image: MachineImage;
  readonly acceleration: Acceleration;
}

/** What is written down before anything is made, so that any later command can find and remove it. */
export interface LabState {
  readonly version: 1;
  /** Checkout that runs the lab. */
  readonly checkout: string;
  /** `starting` until everything answers once; `stopping` while it is taken away. */
  readonly phase: "starting" | "up" | "stopping";
  readonly startedAt: string;
  readonly spec: LabSpec;
  readonly tools: Tools;
  /** Image of the minimal root that the hosts stand on. */
  readonly rootImage: string;
  /** None while every host is a container. */
  readonly machines?: LabMachines;
  /** Whether named network namespaces were in use on this machine before. */
  readonly namespacesBefore: boolean;
}

/** @returns what is written down about this user's lab, nothing when there is none. */
export async function readState(): Promise<LabState | undefined> {
  const file = labPaths().state;
  try {
    return JSON.parse(await readFile(file, "utf8")) as LabState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new LabError(`${file} cannot be read: ${(error as Error).message}`, [
      "take the lab away with: ./steppe lab down",
    ]);
  }
}

/** Writes the state in one step: a reader sees the old or the new one, never half of it. */
export async function writeState(state: LabState): Promise<void> {
  const file = labPaths().state;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** @throws LabError when there is no lab, with the command that makes one. */
export async function requireState(): Promise<LabState> {
  const state = await readState();
  if (!state) throw new LabError("no lab is running", ["start it with: ./steppe lab up"]);
  return state;
}

/** @throws LabError when the lab belongs to another checkout that still exists, and runs. */
export async function assertOwnLab(state: LabState | undefined): Promise<void> {
  if (!state || state.checkout === checkout || !existsSync(state.checkout)) return;
  // What a restart of the machine left is nobody's.
  if (!(await anyRuns())) return;
  throw new LabError(`a lab is already running in another checkout: ${state.checkout}, since ${state.startedAt}`, [
    `stop it with: cd ${state.checkout} && ./steppe lab down`,
  ]);
}

/** Keeps others from changing the lab while `work` does. A lock whose owner is gone is no lock. */
export async function withLock<T>(what: string, work: () => Promise<T>): Promise<T> {
  const file = lockFile();
  await mkdir(dirname(file), { recursive: true });
  const mine = JSON.stringify({ ...describeProcess(process.pid), what, checkout });
  for (let attempt = 0; ; attempt += 1) {
    try {
      const handle = await open(file, "wx", 0o600);
      await handle.writeFile(mine);
      await handle.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = await lockOwner(file);
      if (isAlive(owner) && owner.pid !== process.pid)
        throw new LabError(`the lab is being changed by process ${owner.pid}: ${owner.what} in ${owner.checkout}`, [
          "wait for it, or end it with Ctrl-C there",
        ]);
      if (attempt > 3) throw new LabError(`${file} cannot be taken`);
      await rm(file, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function lockOwner(file: string): Promise<(RecordedProcess & { what: string; checkout: string }) | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as RecordedProcess & { what: string; checkout: string };
  } catch {
    return undefined;
  }
}
