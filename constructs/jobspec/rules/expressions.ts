/** A version as go-version reads it: numbers, a pre-release, metadata. */
const preRelease = "[0-9A-Za-z\\-~]*(?:\\.[0-9A-Za-z\\-~]+)*";
const metadata = "(?:\\+[0-9A-Za-z\\-~]+(?:\\.[0-9A-Za-z\\-~]+)*)?";
const loose = `v?[0-9]+(?:\\.[0-9]+)*(?:-[0-9]+${preRelease}|-?[A-Za-z\\-~]+${preRelease})?${metadata}`;
const strict = `v?[0-9]+(?:\\.[0-9]+)*(?:-[0-9]+${preRelease}|-[A-Za-z\\-~]+${preRelease})?${metadata}`;
const versionPart = new RegExp(`^\\s*(?:<=|>=|!=|~>|<|>|=|)\\s*${loose}\\s*$`);
const semverPart = new RegExp(`^\\s*(?:<=|>=|!=|<|>|=|)\\s*${strict}\\s*$`);

/** Whether text is a list of version constraints: `>= 1.6, < 2.0`; `semver` knows no `~>`. */
export function isVersionConstraint(text: string, operator: "version" | "semver"): boolean {
  const pattern = operator === "version" ? versionPart : semverPart;
  return text.split(",").every((part) => pattern.test(part));
}

const beyondGo = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</;
const compiled = new Map<string, "broken" | "beyond go" | undefined>();

/**
 * What is wrong with a regular expression of Go. JavaScript's differ: groups are named `(?P<name>…)` and flags may stand
 * anywhere, so those are taken out before it is asked.
 */
export function regexpTrouble(text: string): "broken" | "beyond go" | undefined {
  if (compiled.has(text)) return compiled.get(text);
  const trouble = isBroken(text) ? "broken" : beyondGo.test(text) ? "beyond go" : undefined;
  if (compiled.size < 1000) compiled.set(text, trouble);
  return trouble;
}

function isBroken(text: string): boolean {
  const plain = text
    .replace(/\\[AzQE]/g, "")
    .replace(/\\[pP]\{\^?\w+\}|\\[pP]\w/g, "\\w")
    .replace(/\[\[:\^?\w+:\]\]/g, "\\w")
    .replace(/\[:\^?\w+:\]/g, "\\w")
    .replace(/\(\?P</g, "(?<")
    .replace(/\(\?[imsU]*(?:-[imsU]+)?:/g, "(?:")
    .replace(/\(\?[imsU]+(?:-[imsU]+)?\)/g, "")
    .replace(/\\x\{[0-9a-fA-F]+\}/g, "x");
  try {
    new RegExp(plain);
    return /(?:^|[^\\])[*+?][*+]/.test(plain.replace(/\[[^\]]*\]/g, "x"));
  } catch {
    return true;
  }
}
