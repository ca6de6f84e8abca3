/** A part of a text that can be made shorter. */
export interface Section {
  /** How much room it gets next to others that want more than there is. */
  readonly weight: number;
  /** The section in at most so many bytes; with too few of them, a line that says what is left out. */
  render(bytes: number): string;
}

/** Length of a text as UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

/**
 * Divides room by weight: who wants less than its share gets all of it, and the others divide what is left.
 *
 * @param wanted - bytes.
 */
export function shares(wanted: readonly number[], weights: readonly number[], room: number): readonly number[] {
  const given = wanted.map(() => 0);
  let open = wanted.map((_, index) => index);
  let left = Math.max(0, room);
  for (;;) {
    const total = open.reduce((sum, index) => sum + (weights[index] ?? 0), 0);
    const portion = (index: number) => Math.floor((left * (weights[index] ?? 0)) / total);
    const satisfied = open.filter((index) => (wanted[index] ?? 0) <= portion(index));
    if (satisfied.length === 0) {
      for (const index of open) given[index] = portion(index);
      return given;
    }
    for (const index of satisfied) {
      given[index] = wanted[index] ?? 0;
      left -= given[index];
    }
    open = open.filter((index) => !satisfied.includes(index));
  }
}

/** Sections one after the other, each as long as its share. */
export function fitted(sections: readonly Section[], room: number): string {
  const whole = sections.map((section) => section.render(Infinity));
  if (whole.reduce((sum, text) => sum + bytesOf(text), 0) <= room) return whole.join("");
  const given = shares(
    whole.map(bytesOf),
    sections.map(({ weight }) => weight),
    room,
  );
  return sections
    .map((section, index) =>
      bytesOf(whole[index] ?? "") <= (given[index] ?? 0) ? whole[index] : section.render(given[index] ?? 0),
    )
    .join("");
}

/** A list whose end may be missing. */
export interface Rows {
  /** Ends with a line break, as each row does. */
  readonly head: string;
  readonly rows: readonly string[];
  /** @default "" */
  readonly foot?: string;
  /** Says how many rows are left out, without a line break. */
  readonly left: (count: number) => string;
}

/** As many rows as fit, in their order, and how many do not. Nothing for a list of none. */
export function cut({ head, rows, foot = "", left }: Rows, bytes: number): string {
  if (rows.length === 0) return "";
  const whole = `${head}${rows.join("")}\n${foot}`;
  if (bytesOf(whole) <= bytes) return whole;
  const lineOf = (count: number) => `${left(count)}\n\n`;
  let room = bytes - bytesOf(`${head}\n${lineOf(rows.length)}${foot}`);
  let count = 0;
  for (const row of rows) {
    room -= bytesOf(row);
    if (room < 0) break;
    count += 1;
  }
  const line = lineOf(rows.length - count);
  return count === 0 ? line : `${head}${rows.slice(0, count).join("")}\n${line}${foot}`;
}
