/** Port ranges as pairs in one list, in order and without overlap: `[80, 90, 443, 443]`. */
export type PortSet = readonly number[];

/** All ports. */
export const ALL_PORTS: PortSet = [0, 65535];

/** What a rule opens: protocols by number, and ports. */
export interface Opening {
  /** Numbers of protocols. @default - {@link DEFAULT_PROTOCOLS} */
  readonly protocols: readonly number[];
  readonly ports: PortSet;
}

/** Protocols of a rule that names none, as clients read it: ICMP, TCP, UDP, ICMPv6. */
export const DEFAULT_PROTOCOLS: readonly number[] = [1, 6, 17, 58];

/** Protocols that have names in a policy. */
export const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  "ip-in-ip": 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  "ipv6-icmp": 58,
  sctp: 132,
  fc: 133,
};

const names = new Map(
  Object.entries(PROTOCOL_NUMBERS)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** True for TCP, UDP and SCTP: the protocols with ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === 6 || protocol === 17 || protocol === 132;
}

/** True for ICMP of either family. */
export function isIcmp(protocol: number): boolean {
  return protocol === 1 || protocol === 58;
}

/** Name of a protocol, or its number as text. */
export function protocolName(protocol: number): string {
  return names.get(protocol) ?? String(protocol);
}

/** Number of a protocol by name or number; undefined when there is none. */
export function parseProtocol(text: string): number | undefined {
  const known = PROTOCOL_NUMBERS[text.toLowerCase()];
  if (known !== undefined) return known;
  return /^[1-9]\d{0,2}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}

/** Why a text is no list of ports. */
export class PortError extends Error {}

/**
 * Reads ports: `*`, `80`, `80-90`, `80,443`.
 *
 * @throws PortError with the rule that the text breaks.
 */
export function parsePorts(text: string): PortSet {
  if (text === "*") return ALL_PORTS;
  return unionPorts(text.split(",").map(parsePortRange));
}

/** Reads one port or range, as {@link parsePorts}. */
export function parsePortRange(text: string): PortSet {
  const [first = "", last, ...rest] = text.split("-");
  if (rest.length > 0 || (last === undefined ? !/^\d+$/.test(first) : !/^\d+-\d+$/.test(text)))
    throw new PortError("must be a port, a range such as 80-90, or *");
  const [from, to] = [Number(first), Number(last ?? first)];
  if (from > 65535 || to > 65535) throw new PortError("must be a port from 1 to 65535");
  if (from > to) throw new PortError("must begin with the lower port");
  if (last === undefined && from === 0) throw new PortError("must be a port from 1 to 65535, or *");
  return [from, to];
}

/**
 * Reads an entry of a grant's `ip`: `*`, `443`, `tcp:443`, `tcp:80-90,443`, `icmp:*`.
 *
 * @throws PortError with the rule that the text breaks.
 */
export function parseOpening(text: string): Opening {
  const [head = "", ports, ...rest] = text.split(":");
  if (rest.length > 0) throw new PortError("must have one colon, between protocol and ports");
  if (ports === undefined) return { protocols: DEFAULT_PROTOCOLS, ports: parsePorts(head) };
  const protocol = parseProtocol(head);
  if (protocol === undefined) throw new PortError("must begin with a protocol's name or its number from 1 to 255");
  return { protocols: [protocol], ports: parsePorts(ports) };
}

/** Joins sets of ports. */
export function unionPorts(sets: readonly PortSet[]): PortSet {
  if (sets.length === 1) return sets[0] as PortSet;
  const ranges: [number, number][] = [];
  for (const set of sets)
    for (let index = 0; index < set.length; index += 2) ranges.push([set[index] as number, set[index + 1] as number]);
  ranges.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  for (const [from, to] of ranges) {
    const last = joined.at(-1);
    if (last === undefined || from > last + 1) joined.push(from, to);
    else if (to > last) joined[joined.length - 1] = to;
  }
  return joined;
}

/** Ports of the first set that are not in the second. */
export function withoutPorts(set: PortSet, removed: PortSet): PortSet {
  const left: number[] = [];
  for (let index = 0; index < set.length; index += 2) {
    let from = set[index] as number;
    const to = set[index + 1] as number;
    for (let other = 0; other < removed.length && from <= to; other += 2) {
      const [low, high] = [removed[other] as number, removed[other + 1] as number];
      if (high < from || low > to) continue;
      if (low > from) left.push(from, low - 1);
      from = high + 1;
    }
    if (from <= to) left.push(from, to);
  }
  return left;
}

/** Ports that both sets have. */
export function commonPorts(set: PortSet, other: PortSet): PortSet {
  return withoutPorts(set, withoutPorts(ALL_PORTS, other));
}

/** True when a set has a port. */
export function hasPort(set: PortSet, port: number): boolean {
  for (let index = 0; index < set.length; index += 2)
    if ((set[index] as number) <= port && port <= (set[index + 1] as number)) return true;
  return false;
}

/** True when a set has every port. */
export function isAllPorts(set: PortSet): boolean {
  return set.length === 2 && (set[0] as number) <= 0 && set[1] === 65535;
}

/** Ports as a policy writes them: `80-90,443`, `*`. */
export function portsText(set: PortSet): string {
  if (isAllPorts(set)) return "*";
  const parts: string[] = [];
  for (let index = 0; index < set.length; index += 2)
    parts.push(set[index] === set[index + 1] ? String(set[index]) : `${set[index]}-${set[index + 1]}`);
  return parts.join(",");
}
