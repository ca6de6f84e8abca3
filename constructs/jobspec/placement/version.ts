/**
 * Versions as Nomad's `version` and `semver` constraints read them, which is not quite how npm does: any number of segments,
 * `v` in front, a pre-release that may follow without a dash, and no ranges but lists of comparisons.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/constraint#semver
 */

interface Version {
  /** As written. Metadata counts only when whole texts are compared. */
  readonly text: string;
  /** At least three. */
  readonly segments: readonly bigint[];
  /** How many segments were written. */
  readonly written: number;
  readonly preRelease: string;
}

const segmentsPart = "v?([0-9]+(?:\\.[0-9]+)*)";
const metadataPart = "(\\+[0-9A-Za-z~-]+(?:\\.[0-9A-Za-z~-]+)*)?";
const numericPreRelease = "-([0-9]+[0-9A-Za-z~-]*(?:\\.[0-9A-Za-z~-]+)*)";
const namedPreRelease = "([A-Za-z~-]+[0-9A-Za-z~-]*(?:\\.[0-9A-Za-z~-]+)*)";
const loose = new RegExp(`^${segmentsPart}(?:${numericPreRelease}|-?${namedPreRelease})?${metadataPart}$`);
const strict = new RegExp(`^${segmentsPart}(?:${numericPreRelease}|-${namedPreRelease})?${metadataPart}$`);

function parseVersion(text: string, pattern: RegExp): Version | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const segments = (match[1] ?? "").split(".").map(BigInt);
  const written = segments.length;
  while (segments.length < 3) segments.push(0n);
  return {
    text: `${segments.join(".")}|${match[2] ?? match[3] ?? ""}|${match[4] ?? ""}`,
    segments,
    written,
    preRelease: match[2] ?? match[3] ?? "",
  };
}

function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  if (a.text === b.text) return 0;
  const length = Math.max(a.segments.length, b.segments.length);
  if (sameSegments(a, b)) {
    if (a.preRelease === b.preRelease) return 0;
    if (a.preRelease === "") return 1;
    if (b.preRelease === "") return -1;
    return comparePreReleases(a.preRelease, b.preRelease);
  }
  for (let index = 0; index < length; index++) {
    const left = a.segments[index] ?? 0n;
    const right = b.segments[index] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function sameSegments(a: Version, b: Version): boolean {
  return a.segments.length === b.segments.length && a.segments.every((segment, index) => segment === b.segments[index]);
}

function comparePreReleases(a: string, b: string): -1 | 0 | 1 {
  const left = a.split(".");
  const right = b.split(".");
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = comparePart(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers come before words, and a missing part before a word but after a number: as Nomad's library has it. */
function comparePart(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const isNumber = (part: string) => /^\d+$/.test(part);
  if (a === "") return isNumber(b) ? -1 : 1;
  if (b === "") return isNumber(a) ? 1 : -1;
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
  if (isNumber(a)) return BigInt(a) > BigInt(b) ? 1 : -1;
  return a > b ? 1 : -1;
}

type Test = (version: Version) => boolean;

const orders: Readonly<Record<string, (order: number) => boolean>> = {
  "": (order) => order === 0,
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
};

/** Only `version` looks at pre-releases apart: they match only comparisons that name one with the same segments. */
function comparesPreReleases(version: Version, limit: Version): boolean {
  if (version.preRelease === "") return true;
  return limit.preRelease !== "" && sameSegments(version, limit);
}

function pessimistic(version: Version, limit: Version): boolean {
  if (!comparesPreReleases(version, limit) || (limit.preRelease !== "" && version.preRelease === "")) return false;
  if (compareVersions(version, limit) < 0 || limit.segments.length > version.segments.length) return false;
  for (let index = 0; index < limit.written - 1; index++)
    if (version.segments[index] !== limit.segments[index]) return false;
  const last = limit.segments.length - 1;
  return (limit.segments[last] ?? 0n) <= (version.segments[last] ?? 0n);
}

function parseTest(text: string, kind: "version" | "semver"): Test | undefined {
  const match = /^\s*(<=|>=|!=|~>|<|>|=|)\s*(\S*)\s*$/.exec(text);
  if (match === null) return undefined;
  const operator = match[1] ?? "";
  const limit = parseVersion(match[2] ?? "", kind === "version" ? loose : strict);
  if (limit === undefined || (operator === "~>" && kind === "semver")) return undefined;
  if (operator === "~>") return (version) => pessimistic(version, limit);
  const holds = orders[operator];
  if (holds === undefined) return undefined;
  const ordered = operator.startsWith("<") || operator.startsWith(">");
  return (version) =>
    (kind === "semver" || !ordered || comparesPreReleases(version, limit)) && holds(compareVersions(version, limit));
}

/**
 * Whether a version keeps a list of comparisons such as `>= 1.6, < 2.0`.
 *
 * @returns false for what is no version; undefined for a list that Nomad would refuse.
 */
export function versionHolds(version: string, comparisons: string, kind: "version" | "semver"): boolean | undefined {
  const tests = comparisons.split(",").map((text) => parseTest(text, kind));
  if (tests.includes(undefined)) return undefined;
  const parsed = parseVersion(version, loose);
  return parsed !== undefined && tests.every((test) => test?.(parsed) === true);
}
