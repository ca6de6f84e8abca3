import { type Supply, supplyOfDocument, supplyOfPlan } from "../supply/supply";
import { examineCode } from "./supply/code";
import { examineProviders } from "./supply/providers";
import { examineSettings } from "./supply/settings";
import { once } from "./supply/told";
import type { Finding, Subject } from "./types";

/** What a change brings in from elsewhere, and what it runs with the credentials of those who plan and apply. */
export function examineSupply(subject: Subject): readonly Finding[] {
  const { base, head, plans = [] } = subject;
  const before = base?.stacks.map(({ name, document }) => supplyOfDocument(name, document));
  const synthesized = (head?.stacks ?? []).map(({ name, document }) => supplyOfDocument(name, document));
  const known = new Set(synthesized.map(({ stack }) => stack));
  // What a plan was made from says more than its configuration does.
  const after: readonly Supply[] = [
    ...synthesized,
    ...plans.filter(({ stack }) => !known.has(stack)).map(({ stack, document }) => supplyOfPlan(stack, document)),
  ];
  const old = new Map((before ?? []).map((supply) => [supply.stack, supply]));
  return once([
    ...examineProviders(before, after),
    ...(before === undefined ? [] : examineSettings(before, after, [base?.fleet, head?.fleet])),
    ...after.flatMap((supply) => examineCode(old.get(supply.stack), supply, before !== undefined, head?.fleet)),
  ]);
}
