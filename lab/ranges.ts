/** An IPv4 range as numbers. */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** @returns the address as a number, or nothing when it is not an IPv4 address. */
export function parseAddress(address: string): number | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Writes a number as an IPv4 address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** @returns the range, or nothing when the text is not one or does not begin with its first address. */
export function parseCidr(cidr: string): Range | undefined {
  const [address, bits, rest] = cidr.split("/");
  if (address === undefined || bits === undefined || rest !== undefined || !/^\d{1,2}$/.test(bits)) return undefined;
  const first = parseAddress(address);
  const prefix = Number(bits);
  if (first === undefined || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

/** True when two ranges share an address. Both must be valid. */
export function overlaps(left: string, right: string): boolean {
  const [a, b] = [parseCidr(left), parseCidr(right)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/** True when the address lies in the range. */
export function contains(cidr: string, address: string): boolean {
  const [range, number] = [parseCidr(cidr), parseAddress(address)];
  return range !== undefined && number !== undefined && range.first <= number && number <= range.last;
}

/** The nth address of a range: 1 is the gateway. */
export function nthAddress(cidr: string, n: number): string {
  const range = parseCidr(cidr);
  if (!range) throw new RangeError(`not an IPv4 range: ${cidr}`);
  return formatAddress(range.first + n);
}

/** Prefix length of a range, for `10.61.1.0/24` the text `24`. */
export function prefixOf(cidr: string): string {
  return cidr.slice(cidr.indexOf("/") + 1);
}

/** One range that the machine itself uses, as `ip -j route` and `ip -j addr` tell. */
export interface MachineRange {
  readonly cidr: string;
  readonly device: string;
}

/**
 * Reads the ranges that the machine itself has from `ip -j addr` and `ip -j route`. A default route is no range: it
 * covers everything and collides with nothing.
 */
export function machineRanges(addrJson: string, routeJson: string): MachineRange[] {
  const found: MachineRange[] = [];
  const addresses = JSON.parse(addrJson || "[]") as {
    ifname?: string;
    addr_info?: { family?: string; local?: string; prefixlen?: number }[];
  }[];
  for (const link of addresses) {
    for (const info of link.addr_info ?? []) {
      if (info.family !== "inet" || info.local === undefined) continue;
      const number = parseAddress(info.local);
      const prefix = info.prefixlen ?? 32;
      if (number === undefined) continue;
      const size = 2 ** (32 - prefix);
      found.push({ cidr: `${formatAddress(number - (number % size))}/${prefix}`, device: link.ifname ?? "?" });
    }
  }
  for (const route of JSON.parse(routeJson || "[]") as { dst?: string; dev?: string; type?: string }[]) {
    if (route.dst === undefined || route.dst === "default") continue;
    const cidr = route.dst.includes("/") ? route.dst : `${route.dst}/32`;
    if (parseCidr(cidr)?.prefix) found.push({ cidr, device: route.dev ?? route.type ?? "?" });
  }
  return found;
}
