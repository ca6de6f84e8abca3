import { listed } from "../../constructs/tailnet/fleet-policy/subjects";

/** Longest name or value in a sentence, characters: a change may hold anything. */
const LONGEST = 120;

/** Names with commas and an `and`; of many, the first ones and how many more. */
export function some(names: readonly string[], most = 6): string {
  const more = names.length - most;
  return more <= 0 ? listed(names) : `${names.slice(0, most).join(", ")} and ${more} more`;
}

/** The same with what they are before them. Shape: `group web`, `groups web and api`. */
export function named(noun: string, names: readonly string[]): string {
  return `${noun}${names.length === 1 ? "" : "s"} ${some(names)}`;
}

/** A number of things. Shape: `1 machine`, `2 machines`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A value as it may stand in a sentence: of one line, and not long. */
export function short(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
