import { rangeText } from "../language/addresses";
import type { CompiledPolicy, Matched, Rule } from "./compile";
import { matchAlias, YES } from "./match";
import { resolveSubject } from "./resolve";
import type { Point } from "./world";

/** A subject that rules name, and how the rules of both policies match it. */
export interface Word {
  readonly index: number;
  readonly text: string;
  /** By machine. */
  readonly old: readonly (readonly Matched[])[];
  readonly now: readonly (readonly Matched[])[];
  /** Words that hold all that this one holds; of two alike, the first holds the second. */
  readonly wider: readonly number[];
  readonly narrower: readonly number[];
}

/** Sources and destinations that the rules of two policies name, in order of their names. */
export interface Vocabulary {
  readonly src: readonly Word[];
  readonly dst: readonly Word[];
}

/** Collects what two policies name. */
export function vocabularyOf(old: CompiledPolicy, now: CompiledPolicy): Vocabulary {
  return { src: wordsOf(old, now, "src"), dst: wordsOf(old, now, "dst") };
}

interface Name {
  readonly text: string;
  readonly home: CompiledPolicy;
  readonly points: readonly Point[];
}

function wordsOf(old: CompiledPolicy, now: CompiledPolicy, side: "src" | "dst"): Word[] {
  const texts = [old, now].flatMap(({ rules }) => rules.flatMap((rule) => rule[side].map(({ text }) => text)));
  const names = [...new Set(texts.flatMap((text) => meaningOf(text, old, now)))].sort().flatMap((text): Name[] => {
    const home = isDefined(text, now) ? now : old;
    const { points } = resolveSubject(home, text);
    return points.length > 0 ? [{ text, home, points }] : [];
  });
  const holds = names.map((wide) => names.map((narrow) => covers(wide, narrow, side)));
  // Of two names for the same machines the one in a rule that changed says more.
  const changed = changedNames(old, now);
  const rank = (index: number) => (changed.has(names[index]?.text ?? "") ? 0 : names.length) + index;
  const isWider = (wide: number, narrow: number) =>
    wide !== narrow && holds[wide]?.[narrow] === true && (holds[narrow]?.[wide] !== true || rank(wide) < rank(narrow));
  const indexes = names.map((_name, index) => index);
  return names.map(({ text, points }, index) => ({
    index,
    text,
    old: machinesOf(points).map((machine) => old.match(machine, side)),
    now: machinesOf(points).map((machine) => now.match(machine, side)),
    wider: indexes.filter((other) => isWider(other, index)),
    narrower: indexes.filter((other) => isWider(index, other)),
  }));
}

function machinesOf(points: readonly Point[]): readonly (readonly Point[])[] {
  const machines = new Map<object, Point[]>();
  for (const point of points) {
    const key = point.machine ?? point;
    machines.set(key, [...(machines.get(key) ?? []), point]);
  }
  return [...machines.values()];
}

function changedNames(old: CompiledPolicy, now: CompiledPolicy): ReadonlySet<string> {
  const textsOf = ({ src, dst }: Rule) => [...src, ...dst].map(({ text }) => text);
  const keyed = ({ rules }: CompiledPolicy) =>
    new Map(rules.map((rule) => [JSON.stringify([textsOf(rule), rule.openings]), rule]));
  const [before, after] = [keyed(old), keyed(now)];
  const only = (these: ReadonlyMap<string, Rule>, those: ReadonlyMap<string, Rule>) =>
    [...these].flatMap(([key, rule]) => (those.has(key) ? [] : textsOf(rule)));
  return new Set([...only(before, after), ...only(after, before)]);
}

function covers({ text, home }: Name, { points }: Name, side: "src" | "dst"): boolean {
  const alias = home.definitions.alias(text, side);
  return points.every((point) => matchAlias(alias, point, home.known) === YES);
}

/** A name that means the same in both policies stays; another is replaced by all that it meant. */
function meaningOf(text: string, old: CompiledPolicy, now: CompiledPolicy): string[] {
  if (!isDefined(text, old) || !isDefined(text, now)) return [text];
  const meanings = [old, now].map((policy) => membersOf(text, policy));
  const [before, after] = meanings.map((members) => members.join());
  return before === after ? [text] : meanings.flat();
}

function isDefined(text: string, { policy }: CompiledPolicy): boolean {
  const sections = [policy.groups, policy.hosts, policy.ipsets];
  return sections.some((section) => section?.[text] !== undefined);
}

function membersOf(text: string, { policy, definitions }: CompiledPolicy): string[] {
  const members = policy.groups?.[text];
  if (members !== undefined) return [...members].map((name) => name.trim()).sort();
  const ranges = definitions.host(text) ?? definitions.ipset(text) ?? [];
  return ranges.map(rangeText);
}
