import type { Job } from "./job";
import { actionsOf } from "./rules/calls";
import { isLiteral } from "./rules/report";

/** A Nomad variable that a job reads. */
export interface NeededVariable {
  /** Shape: `nomad/jobs/redis`. */
  readonly path: string;
  /** Namespace of the variable, which is the job's where its template names no other. */
  readonly namespace: string;
  /** Items that are read by name, sorted; none where all are read alike. */
  readonly items: readonly string[];
  /** Where the job says so. Shape: `groups.db.tasks.redis.templates.0.data`. */
  readonly places: readonly string[];
}

/** What a job reads, as far as its text says so. */
export interface NeededVariables {
  /** By path and namespace, each once. */
  readonly variables: readonly NeededVariable[];
  /** Places that put the path together from what only the machine knows. */
  readonly unread: readonly string[];
}

/** One place that reads a variable. */
interface Read {
  readonly place: string;
  /** As it is written; undefined where the text does not say. */
  readonly path: string | undefined;
  readonly items: Set<string>;
}

/** Environment of a task that its job determines. */
type Known = Readonly<Record<string, string>>;

/**
 * Variables that templates and `secrets` blocks of a job read.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/template#nomad-variables
 */
export function variablesOf(job: Job): NeededVariables {
  const reads = Object.entries(job.groups).flatMap(([group, { tasks, secrets: ofGroup = {} }]) =>
    Object.entries(tasks).flatMap(([task, { templates = [], secrets = {}, ...rest }]): Read[] => {
      const at = `groups.${group}.tasks.${task}`;
      const known = {
        NOMAD_JOB_ID: job.id,
        NOMAD_JOB_NAME: job.name ?? job.id,
        NOMAD_GROUP_NAME: group,
        NOMAD_TASK_NAME: task,
      };
      const text = JSON.stringify([rest, templates]);
      return [
        ...templates.flatMap(({ data = "", leftDelimiter = "{{", rightDelimiter = "}}" }, index) =>
          data.includes("nomadVar")
            ? readsOf(actionsOf(data, leftDelimiter, rightDelimiter), `${at}.templates.${index}.data`, known)
            : [],
        ),
        ...Object.entries({ ...job.secrets, ...ofGroup, ...secrets }).flatMap(([name, { provider, path }]) =>
          provider === "nomad"
            ? [
                {
                  place: `${at}.secrets.${name}`,
                  path: isLiteral(path) ? path : undefined,
                  items: new Set(
                    [...text.matchAll(/\$\{secret\.([\w-]+)\.(\w+)\}/g)].flatMap(([, of, item = ""]) =>
                      of === name ? [item] : [],
                    ),
                  ),
                },
              ]
            : [],
        ),
      ];
    }),
  );
  return merged(reads, job.namespace ?? "default");
}

function merged(reads: readonly Read[], jobNamespace: string): NeededVariables {
  const byPlace = new Map<string, { path: string; namespace: string; items: Set<string>; places: Set<string> }>();
  const unread = new Set<string>();
  for (const { place, path: written, items } of reads) {
    if (written === undefined) {
      unread.add(place);
      continue;
    }
    // Shape: `path@namespace.region`.
    const [path = "", of = ""] = written.split("@");
    const namespace = of.split(".")[0] ?? "";
    const variable = { path, namespace: namespace === "" ? jobNamespace : namespace };
    const key = `${variable.namespace}/${path}`;
    const found = byPlace.get(key) ?? { ...variable, items: new Set<string>(), places: new Set<string>() };
    for (const item of items) found.items.add(item);
    found.places.add(place);
    byPlace.set(key, found);
  }
  const variables = [...byPlace.values()].map((found) => ({
    ...found,
    items: [...found.items].sort(),
    places: [...found.places],
  }));
  return { variables, unread: [...unread] };
}

const CALL = /(\(\s*)?\bnomadVar\s+("(?:[^"\\]|\\.)*"|`[^`]*`|\((?:[^()]|\([^()]*\))*\)|[^\s()]+)(?:\s*\)\.(\w+))?/g;
const FIELD = /(?<![\w)\]"`.])(\$\w*)?\.([A-Za-z_]\w*)/g;
const METHODS = new Set(["Keys", "Values", "Tuples", "Metadata", "Items"]);

/** Follows what the dot and named variables stand for through the blocks of a template. */
function readsOf(actions: readonly string[], place: string, known: Known): Read[] {
  const reads: Read[] = [];
  const named = new Map<string, Read>();
  const dots: (Read | undefined)[] = [undefined];
  for (const action of actions) {
    const text = action.replace(/^-\s|\s-$/g, "").trim();
    if (text.startsWith("/*")) continue;
    const [, keyword = "", follows = ""] = /^(with|range|if|else|end|define|block)\b\s*(.*)$/s.exec(text) ?? [];
    if (keyword === "end" || keyword === "else") dots.pop();
    if (keyword === "end") continue;
    const dot = dots.at(-1);
    const own = [...text.matchAll(CALL)].map(([, , argument = "", item]): Read => {
      const items = new Set(item === undefined || METHODS.has(item) ? [] : [item]);
      return { place, path: pathOf(argument, known), items };
    });
    reads.push(...own);
    for (const [, name, field = ""] of text
      .replace(CALL, "")
      .replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""')
      .matchAll(FIELD)) {
      const read = name === undefined ? dot : named.get(name);
      if (!METHODS.has(field)) read?.items.add(field);
    }
    const [, variable] = /(\$\w+)\s*:=\s*\(?\s*nomadVar\b/.exec(text) ?? [];
    const [first] = own;
    if (variable !== undefined && first !== undefined) named.set(variable, first);
    const opens = keyword === "else" ? (/^\w+/.exec(follows)?.[0] ?? "if") : keyword;
    if (opens === "with") dots.push(/nomadVar\b(?!.*\)\.)/s.test(text) ? first : undefined);
    else if (opens === "if") dots.push(keyword === "else" ? dots.at(-1) : dot);
    else if (opens !== "") dots.push(undefined);
  }
  return reads;
}

/** A path that is written out, or put together from what the job says of itself. */
function pathOf(argument: string, known: Known): string | undefined {
  const text = literal(argument);
  if (text !== undefined) return text;
  const [, verb, parts = ""] = /^\(\s*(print|printf)\s+(.*)\)$/s.exec(argument) ?? [];
  if (verb === undefined) return undefined;
  const values = [...parts.matchAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|\(\s*env\s+"(\w+)"\s*\)|\S+/g)].map(([all, name]) =>
    name === undefined ? literal(all) : known[name],
  );
  if (values.some((value) => value === undefined)) return undefined;
  const [format = "", ...rest] = values as string[];
  return verb === "print" ? values.join("") : rest.reduce((made, value) => made.replace("%s", value), format);
}

function literal(text: string): string | undefined {
  return /^(["`]).*\1$/s.test(text) ? text.slice(1, -1) : undefined;
}
