/** A list of ports and ranges as Nomad has it: `22,8000-8002`. Undefined where the text is none. */
export function parsePorts(text: string): readonly (readonly [first: number, last: number])[] | undefined {
  const ranges: [number, number][] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(part);
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first || last > 65_535) return undefined;
    ranges.push([first, last]);
  }
  return ranges;
}
