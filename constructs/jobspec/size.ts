/**
 * An amount of memory or disk. Shape: `300MiB`, `16GiB`, `1.5GiB`. Nomad's own files write MB and mean MiB; here the unit says
 * what is meant. Must come to a whole number of MiB where Nomad counts in those.
 */
export type Size = `${number}${"MiB" | "GiB" | "TiB"}`;

/** A share of CPU. Shape: `500MHz`, `2GHz`. Must come to a whole number of MHz. */
export type Frequency = `${number}${"MHz" | "GHz"}`;

/** So many MiB, as text. */
export function mebibytes(count: number): Size {
  return `${count}MiB`;
}

/** So many GiB, as text. */
export function gibibytes(count: number): Size {
  return `${count}GiB`;
}

/** So many MHz, as text. */
export function megahertz(count: number): Frequency {
  return `${count}MHz`;
}

const mebibytesOf: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 };
const sizePattern = /^(\d+(?:\.\d+)?)(MiB|GiB|TiB)$/;
const frequencyPattern = /^(\d+(?:\.\d+)?)(MHz|GHz)$/;
const sizes = new Map<string, number | undefined>();

/** MiB of a {@link Size}, or undefined where the text is none. */
export function parseMebibytes(text: string): number | undefined {
  if (sizes.has(text)) return sizes.get(text);
  const match = sizePattern.exec(text);
  const value = match === null ? undefined : Number(match[1]) * (mebibytesOf[match[2] ?? ""] ?? 1);
  if (sizes.size < 10_000) sizes.set(text, value);
  return value;
}

/** Writes MiB the shortest way that {@link parseMebibytes} reads back exactly: `16GiB`, `300MiB`. */
export function formatMebibytes(count: number): Size {
  for (const [unit, factor] of [
    ["TiB", 1024 * 1024],
    ["GiB", 1024],
  ] as const) {
    if (count >= factor && count % factor === 0) return `${count / factor}${unit}`;
  }
  return `${count}MiB`;
}

/** MHz of a {@link Frequency}, or undefined where the text is none. */
export function parseMegahertz(text: string): number | undefined {
  const match = frequencyPattern.exec(text);
  if (match === null) return undefined;
  return match[2] === "GHz" ? Math.round(Number(match[1]) * 1e6) / 1e3 : Number(match[1]);
}

/** Writes MHz the shortest way that {@link parseMegahertz} reads back exactly: `2GHz`, `500MHz`. */
export function formatMegahertz(count: number): Frequency {
  return count > 0 && count % 1000 === 0 ? `${count / 1000}GHz` : `${count}MHz`;
}

const factors: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/**
 * Bytes of an amount as device attributes have it: `16 GiB`, `81559 MiB`. Undefined where the text is none.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/device#supported-units
 */
export function parseSize(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kKMGT]?i?B)\s*$/.exec(text);
  const factor = factors[match?.[2] ?? ""];
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}
