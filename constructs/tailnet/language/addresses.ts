import ipaddr from "ipaddr.js";

/** Inclusive bounds. IPv4 addresses are their number; IPv6 addresses lie above them, at 2^128 plus their number. */
export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

/** Ranges in order, without overlap. */
export type RangeSet = readonly Range[];

const V6 = 1n << 128n;

/** The number of an address; undefined when the text is none. */
export function parseAddress(text: string): bigint | undefined {
  // Most texts are names, and finding that out of them is the costly part of the library.
  if (!/^[\dA-Fa-f:][\dA-Fa-f:.]*$/.test(text) || !/[.:]/.test(text)) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return toNumber(ipaddr.IPv4.parse(text).octets);
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  return V6 + toNumber(ipaddr.IPv6.parse(text).toByteArray());
}

/** The range of an address or a CIDR; bits beyond the prefix are ignored. Undefined when the text is neither. */
export function parsePrefix(text: string): Range | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const value = parseAddress(address);
  if (value === undefined || rest.length > 0) return undefined;
  if (length === undefined) return { low: value, high: value };
  const bits = value < V6 ? 32 : 128;
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(length));
  const base = value < V6 ? value : value - V6;
  const low = value - (base % size);
  return { low, high: low + size - 1n };
}

/** The range of an address, a CIDR or two addresses with a hyphen between them. */
export function parseRange(text: string): Range | undefined {
  const [first = "", last, ...rest] = text.split("-");
  if (last === undefined) return parsePrefix(text);
  const low = parseAddress(first);
  const high = parseAddress(last);
  if (low === undefined || high === undefined || rest.length > 0 || low > high || low < V6 !== high < V6)
    return undefined;
  return { low, high };
}

/** True when a CIDR names an address inside its range in place of the first one. */
export function hasHostBits(text: string): boolean {
  const range = parsePrefix(text);
  return range !== undefined && parseAddress(text.split("/")[0] ?? "") !== range.low;
}

/** True for a range of one address. */
export function isSingle({ low, high }: Range): boolean {
  return low === high;
}

/** Joins ranges that overlap or touch. */
export function rangeSet(ranges: readonly Range[]): RangeSet {
  const sorted = [...ranges].sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  const joined: Range[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last === undefined || range.low > last.high + 1n) joined.push(range);
    else if (range.high > last.high) joined[joined.length - 1] = { low: last.low, high: range.high };
  }
  return joined;
}

/** What of the first set is not in the second. */
export function withoutRanges(set: RangeSet, removed: RangeSet): RangeSet {
  return removed.reduce<RangeSet>(
    (left, { low, high }) =>
      left.flatMap((range) => {
        if (high < range.low || low > range.high) return [range];
        return [
          ...(range.low < low ? [{ low: range.low, high: low - 1n }] : []),
          ...(range.high > high ? [{ low: high + 1n, high: range.high }] : []),
        ];
      }),
    set,
  );
}

/** True when every address of the second set is in the first. */
export function containsRanges(set: RangeSet, inner: RangeSet): boolean {
  return inner.every(({ low, high }) => set.some((range) => range.low <= low && high <= range.high));
}

/** True when the sets share an address. */
export function overlapsRanges(set: RangeSet, other: RangeSet): boolean {
  return other.some(({ low, high }) => set.some((range) => range.low <= high && low <= range.high));
}

/** A range as text: an address, a CIDR, or two addresses. */
export function rangeText({ low, high }: Range): string {
  if (low === high) return addressText(low);
  const size = high - low + 1n;
  const base = low < V6 ? low : low - V6;
  if ((size & (size - 1n)) === 0n && base % size === 0n)
    return `${addressText(low)}/${(low < V6 ? 32 : 128) - (size.toString(2).length - 1)}`;
  return `${addressText(low)}-${addressText(high)}`;
}

function addressText(value: bigint): string {
  const [base, length] = value < V6 ? [value, 4] : [value - V6, 16];
  const bytes = Array.from({ length }, (_, index) => Number((base >> BigInt(8 * (length - 1 - index))) & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}

function toNumber(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function ranges(...texts: readonly string[]): RangeSet {
  return rangeSet(texts.map((text) => parsePrefix(text) as Range));
}

/** IPv4 addresses of machines. @see https://tailscale.com/kb/1015/100.x-addresses */
export const TAILNET_V4 = ranges("100.64.0.0/10");

/** IPv6 addresses of machines. @see https://tailscale.com/kb/1121/ipv6 */
export const TAILNET_V6 = ranges("fd7a:115c:a1e0::/48");

/** Addresses that machines can have. */
export const TAILNET = rangeSet([...TAILNET_V4, ...TAILNET_V6]);

/** What `*` means as a source, next to approved routes: machines, without the range that ChromeOS keeps for itself. */
export const ANY_SOURCE = withoutRanges(TAILNET, ranges("100.115.92.0/23"));

/** What `autogroup:internet` means: public addresses. */
export const INTERNET = withoutRanges(
  ranges("0.0.0.0/0", "2000::/3"),
  ranges("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
);

/** Ranges inside 100.64.0.0/10 that no machine gets. @see https://tailscale.com/kb/1304/ip-pool */
export const RESERVED_POOL = ranges("100.100.100.0/24", "100.115.92.0/23");
