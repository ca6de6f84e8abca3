import { parseJob } from "../../constructs/jobspec/parse";
import { variablesOf } from "../../constructs/jobspec/variables";
import type { FleetJob } from "../jobs";
import { failureOf, type NomadAccess } from "../nomad-api";
import { asking } from "../volumes/read";
import { apiPath, type VariablePlace } from "./store";

/** An item that jobs read. */
export interface NeededItem extends VariablePlace {
  /** Undefined where a job reads all items alike. */
  readonly item: string | undefined;
  readonly jobs: readonly string[];
}

/** An item that jobs read, and whether it is there. Never its value. */
export interface FoundItem extends NeededItem {
  readonly state: "present" | "missing" | "unknown";
}

/** What jobs need of Nomad's variables, as far as their text says. */
export interface Needs {
  readonly items: readonly NeededItem[];
  /** Jobs of which not all is known. Shape: `east/llm`. */
  readonly unreadJobs: readonly string[];
}

/** Variables that templates of the jobs read; in each region its own. */
export function neededItems(jobs: readonly FleetJob[]): Needs {
  const items = new Map<string, NeededItem & { jobs: string[] }>();
  const unreadJobs = new Set<string>();
  for (const { region, id, json } of jobs) {
    const { variables, unread } =
      json === undefined ? { variables: [], unread: ["HCL"] } : variablesOf(parseJob(json).job);
    if (unread.length > 0) unreadJobs.add(`${region}/${id}`);
    for (const { path, namespace, items: names } of variables)
      for (const item of names.length === 0 ? [undefined] : names) {
        const key = JSON.stringify([region, namespace, path, item]);
        const found = items.get(key) ?? { region, namespace, path, item, jobs: [] };
        items.set(key, found);
        if (!found.jobs.includes(id)) found.jobs.push(id);
      }
  }
  return { items: [...items.values()], unreadJobs: [...unreadJobs] };
}

/** What regions say of items, and why some say nothing. */
export interface FoundItems {
  readonly items: readonly FoundItem[];
  /** By region. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Asks each region whether the items are there. */
export async function findItems(access: NomadAccess, needed: readonly NeededItem[]): Promise<FoundItems> {
  const failures: Record<string, string> = {};
  const items: FoundItem[] = [];
  for (const region of new Set(needed.map((one) => one.region))) {
    const own = needed.filter((one) => one.region === region);
    const names = await namesOf(access, region, own);
    if (typeof names === "string") failures[region] = names;
    for (const one of own) {
      const there = typeof names === "string" ? undefined : names.get(apiPath(one));
      const isPresent = one.item === undefined ? there !== undefined : there?.has(one.item) === true;
      items.push({ ...one, state: typeof names === "string" ? "unknown" : isPresent ? "present" : "missing" });
    }
  }
  return { items, failures };
}

/** Names of the items that variables have, by their API path, or why they are not known. Values are dropped here. */
async function namesOf(
  access: NomadAccess,
  region: string,
  needed: readonly NeededItem[],
): Promise<ReadonlyMap<string, ReadonlySet<string>> | string> {
  const ask = await asking(access, region);
  if ("failure" in ask) return ask.failure;
  const paths = [...new Set(needed.map(apiPath))];
  const names = new Map<string, ReadonlySet<string>>();
  for (const [index, answer] of (await ask(paths)).entries()) {
    if (answer.status === 404) continue;
    if (answer.status !== 200) return failureOf(answer);
    const { Items } = answer.body as { readonly Items?: object | null };
    names.set(paths[index] ?? "", new Set(Object.keys(Items ?? {})));
  }
  return names;
}
