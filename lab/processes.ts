import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { labPaths } from "./paths";
import { sleep } from "./run";

/** A process as it can be found again: a number alone may have been given to another process. */
export interface RecordedProcess {
  readonly pid: number;
  /** Start time in clock ticks since boot, field 22 of `/proc/<pid>/stat`. */
  readonly start: string;
}

/** Reads start time and parent from the text of `/proc/<pid>/stat`, whose second field may hold spaces and brackets. */
export function parseStat(stat: string): { state: string; parent: number; start: string } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", parent: Number(fields[1]), start: fields[19] ?? "" };
}

function statOf(pid: number): ReturnType<typeof parseStat> | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Describes a running process. */
export function describeProcess(pid: number): RecordedProcess | undefined {
  const stat = statOf(pid);
  return stat && stat.state !== "Z" ? { pid, start: stat.start } : undefined;
}

/** True while exactly this process runs. */
export function isAlive(process: RecordedProcess | undefined): process is RecordedProcess {
  return process !== undefined && describeProcess(process.pid)?.start === process.start;
}

/** Process ids of all descendants of a process, the nearest first. */
export function descendantsOf(ancestor: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const parent = statOf(Number(name))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [ancestor];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found.slice(1);
}

/** Process that is number 1 in the container which the given process supervises, once it is there. */
export function containerInit(supervisor: number): number | undefined {
  return descendantsOf(supervisor).find((pid) => {
    try {
      const ids = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]?.split(/\s+/) ?? [];
      return ids.length > 1 && ids.at(-1) === "1";
    } catch {
      return false;
    }
  });
}

function recordFile(name: string): string {
  return join(labPaths().processes, `${name}.json`);
}

/** Writes down a process, so that any later command finds it. */
export async function record(name: string, pid: number): Promise<RecordedProcess | undefined> {
  const found = describeProcess(pid);
  await mkdir(labPaths().processes, { recursive: true });
  if (found) await writeFile(recordFile(name), JSON.stringify(found));
  return found;
}

/** @returns the recorded process if it still runs. */
export async function recorded(name: string): Promise<RecordedProcess | undefined> {
  try {
    const found = JSON.parse(await readFile(recordFile(name), "utf8")) as RecordedProcess;
    return isAlive(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Names of all recorded processes, running or not. */
export async function recordedNames(): Promise<string[]> {
  try {
    return (await readdir(labPaths().processes)).map((file) => file.replace(/\.json$/, ""));
  } catch {
    return [];
  }
}

/** True while one of the recorded processes runs. */
export async function anyRuns(): Promise<boolean> {
  const found = await Promise.all((await recordedNames()).map(recorded));
  return found.some((process) => process !== undefined);
}

/** Forgets a process. */
export async function forget(name: string): Promise<void> {
  await rm(recordFile(name), { force: true });
}

/** Sends a signal if exactly this process still runs. */
export function signalProcess(target: RecordedProcess, signal: NodeJS.Signals | number): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Ends a process: politely, then not. */
export async function endProcess(target: RecordedProcess, graceSeconds: number): Promise<void> {
  signalProcess(target, "SIGTERM");
  for (let waited = 0; waited < graceSeconds * 20 && isAlive(target); waited += 1) await sleep(50);
  signalProcess(target, "SIGKILL");
  for (let waited = 0; waited < 100 && isAlive(target); waited += 1) await sleep(50);
}
