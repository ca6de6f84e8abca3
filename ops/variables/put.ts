import { randomBytes } from "node:crypto";
import type { Problem } from "../../constructs/core/problems";
import { UserError } from "../errors";
import type { NomadAccess } from "../nomad-api";
import { placeText, readVariable, type StoredVariable, type VariablePlace, writeVariable } from "./store";

/** A value for an item. */
export interface NewValue {
  readonly value: string;
  /** Made here, so that one that is there already is as good. */
  readonly isGenerated: boolean;
}

/** What is done with an item. */
export interface ItemOutcome {
  readonly item: string;
  readonly action: "make" | "replace" | "keep";
}

/** What may happen to items that are there. */
export interface PutMode {
  /** They stay, whatever was given. */
  readonly isMissingOnly: boolean;
  /** They are replaced. */
  readonly isRotation: boolean;
}

/** How often a write is tried when others write the same variable. */
const ATTEMPTS = 5;

/** A secret of 256 bits, hexadecimal: it needs no quotes in any configuration, URL or shell. */
export function generatedValue(): string {
  return randomBytes(32).toString("hex");
}

/**
 * Writes items of a variable and leaves its others as they are. Nomad takes the write only if nobody has changed the variable since it
 * was read; then it is read and decided again.
 *
 * @param seen - the variable as the caller read it, on which a rotation is based.
 * @throws UserError where an item has another value already, or was changed by somebody else. Values are not repeated.
 */
export async function putVariable(
  access: NomadAccess,
  place: VariablePlace,
  values: Readonly<Record<string, NewValue>>,
  mode: PutMode,
  seen: StoredVariable | undefined,
): Promise<readonly ItemOutcome[]> {
  let present = seen;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const outcomes = decide(place, values, mode, present?.items ?? {}, seen?.items ?? {});
    const changed = outcomes.filter(({ action }) => action !== "keep");
    if (changed.length === 0) return outcomes;
    const items = {
      ...present?.items,
      ...Object.fromEntries(changed.map(({ item }) => [item, valueOf(values, item)])),
    };
    if (await writeVariable(access, place, items, present?.modifyIndex ?? 0)) return outcomes;
    present = await readVariable(access, place);
  }
  throw new UserError(`variable ${placeText(place)} was not written: others change it all the time, or it is locked`, [
    "run it again",
  ]);
}

function decide(
  place: VariablePlace,
  values: Readonly<Record<string, NewValue>>,
  { isMissingOnly, isRotation }: PutMode,
  present: Readonly<Record<string, string>>,
  seen: Readonly<Record<string, string>>,
): readonly ItemOutcome[] {
  const problems: Problem[] = [];
  const outcomes = Object.entries(values).map(([item, { value, isGenerated }]): ItemOutcome => {
    const current = present[item];
    if (current === undefined) return { item, action: "make" };
    if (current === value || isMissingOnly || (isGenerated && !isRotation)) return { item, action: "keep" };
    const path = `${place.path}.${item}`;
    if (!isRotation) {
      const fix = "give --rotate to replace it, or --missing to keep it";
      problems.push({ path, rule: "has a value already, and it is another one", fix });
    } else if (current !== seen[item]) {
      problems.push({ path, rule: "was changed by somebody else just now", fix: "run it again to replace that too" });
    }
    return { item, action: "replace" };
  });
  if (problems.length > 0) throw new UserError(`variable ${placeText(place)} was not written`, [], problems);
  return outcomes;
}

function valueOf(values: Readonly<Record<string, NewValue>>, item: string): string {
  return values[item]?.value ?? "";
}
