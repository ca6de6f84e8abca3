import type { Problem } from "../constructs/core/problems";

/** Labels of one resource. @see https://cloud.google.com/resource-manager/docs/labels-overview#requirements */
const MAXIMUM_LABELS = 64;

/** Those that Steppe sets: fleet, site, role, region, pool. */
const OWN_LABELS = 5;

/** Problems with a site's own labels. */
export function gcpLabelProblems(path: string, labels: Readonly<Record<string, string>>): Problem[] {
  const entries = Object.entries(labels);
  const problems: Problem[] = entries.flatMap(([key, value]) => labelProblems(`${path}.${key}`, key, value));
  if (entries.length > MAXIMUM_LABELS - OWN_LABELS)
    problems.push({
      path,
      rule: `must be at most ${MAXIMUM_LABELS - OWN_LABELS}: Google takes ${MAXIMUM_LABELS}, and Steppe sets ${OWN_LABELS}`,
      got: entries.length,
      fix: "leave some out",
    });
  return problems;
}

function labelProblems(path: string, key: string, value: string): Problem[] {
  const problems: Problem[] = [];
  if (key.startsWith("steppe-") || key.startsWith("goog-"))
    problems.push({ path, rule: "is a label that Steppe or Google sets", got: value, fix: "choose another key" });
  if (!/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key))
    problems.push({
      path,
      rule: "must have a key of at most 63 lower-case letters, digits, _ and -, beginning with a letter",
      got: key,
      fix: `write it like ${suggested(key, "team")}`,
    });
  if (!/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value))
    problems.push({
      path,
      rule: "must be at most 63 lower-case letters, digits, _ and -",
      got: value,
      fix: `write it like ${suggested(value, "platform")}`,
    });
  return problems;
}

function suggested(text: string, otherwise: string): string {
  const legal = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 63);
  return legal === "" ? otherwise : legal;
}
