import { allStackNames } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { Subject } from "../findings/types";
import { isEqual, type Json, object } from "../json";
import type { StackPair } from "../source/snapshot";
import { fleetsOf, type Renames } from "./compare";

/** How much of a stack must be in another for it to be the same one, by resources. */
const ALIKE = 0.8;

/**
 * Stacks that a program has under another name. Those of a fleet are named after its sites and regions, whose renames say more.
 *
 * @returns new names by old ones.
 */
export function renamedStacks(subject: Subject): Renames {
  const named = namesOf(subject);
  const gone = subject.stacks.filter(({ name, after }) => after === undefined && !named.has(name));
  const come = subject.stacks.filter(({ name, before }) => before === undefined && !named.has(name));
  const found = new Map<string, string>();
  if (subject.base === undefined || subject.head === undefined) return found;
  for (const was of gone) {
    const at = come.findIndex((is) => isAlike(was, is));
    if (at >= 0) found.set(was.name, (come.splice(at, 1)[0] as StackPair).name);
  }
  return found;
}

function namesOf(subject: Subject): ReadonlySet<string> {
  const fleets = fleetsOf(subject);
  const names = (fleet: Fleet | undefined) => (fleet === undefined ? [] : allStackNames(fleet));
  return new Set([...names(fleets?.base), ...names(fleets?.head)]);
}

function isAlike({ before }: StackPair, { after }: StackPair): boolean {
  const [was, is] = [resourcesOf(before?.document), resourcesOf(after?.document)];
  const equal = [...was].filter(([address, body]) => isEqual(body, is.get(address))).length;
  return equal > 0 && equal / Math.max(was.size, is.size) >= ALIKE;
}

function resourcesOf(document: Json | undefined): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(object(document?.["resource"])).flatMap(([type, byName]) =>
      Object.entries(object(byName)).map(([name, body]) => {
        const entries = Object.entries(object(body)).filter(([key]) => key !== "//");
        return [`${type}.${name}`, Object.fromEntries(entries)] as const;
      }),
    ),
  );
}
