type Unit = "ns" | "us" | "µs" | "ms" | "s" | "m" | "h";

/**
 * A length of time as Go writes it. Shape: `30s`, `1h30m`, `1.5h`, `250ms`, `0s`; there is no unit for days.
 *
 * @see https://pkg.go.dev/time#ParseDuration
 */
export type Duration =
  `${number}${Unit}` | `${number}h${number}m` | `${number}m${number}s` | `${number}h${number}m${number}s` | "0";

/** So many seconds, as text. */
export function seconds(count: number): Duration {
  return `${count}s`;
}

/** So many minutes, as text. */
export function minutes(count: number): Duration {
  return `${count}m`;
}

/** So many hours, as text. */
export function hours(count: number): Duration {
  return `${count}h`;
}

/** So many days of 24 hours, as text: Go has no unit for days. */
export function days(count: number): Duration {
  return `${count * 24}h`;
}

const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const longest = 2n ** 63n - 1n;
const part = /(\d+)(?:\.(\d+))?(ns|us|µs|ms|s|m|h)/gy;
const parsed = new Map<string, number | undefined>();

/** Nanoseconds of a duration, or undefined where the text is none. Remembers what it parsed: a fleet repeats itself. */
export function parseDuration(text: string): number | undefined {
  if (parsed.has(text)) return parsed.get(text);
  const value = parse(text);
  if (parsed.size < 10_000) parsed.set(text, value);
  return value;
}

function parse(text: string): number | undefined {
  if (text === "0" || text === "+0" || text === "-0") return 0;
  const sign = text.startsWith("-") ? -1 : 1;
  part.lastIndex = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
  if (part.lastIndex === text.length) return undefined;
  let sum = 0n;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return undefined;
    const [, whole = "0", fraction = "", unit = "ns"] = match;
    const scale = nanoseconds[unit] ?? 1n;
    sum += BigInt(whole) * scale;
    if (fraction !== "") sum += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return sum > longest ? undefined : sign * Number(sum);
}

/** Writes nanoseconds the shortest way that {@link parseDuration} reads back: `1h30m`, `1ms500us`, `0s`. */
export function formatDuration(value: number): string {
  if (value === 0) return "0s";
  let rest = BigInt(Math.abs(value));
  let text = value < 0 ? "-" : "";
  for (const unit of ["h", "m", "s", "ms", "us", "ns"]) {
    const scale = nanoseconds[unit] ?? 1n;
    if (rest >= scale) {
      text += `${rest / scale}${unit}`;
      rest %= scale;
    }
  }
  return text;
}
