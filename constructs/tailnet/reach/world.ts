import { parsePrefix, type RangeSet, rangeSet, TAILNET_V4, TAILNET_V6 } from "../language/addresses";
import type { PolicyFile } from "../language/policy-file";

/** A machine: its tags or its user, and its addresses as far as they are known. */
export interface Device {
  readonly name?: string;
  /** A tagged machine belongs to no user. */
  readonly tags?: readonly string[];
  readonly user?: string;
  /** @default - an IPv4 and an IPv6 address of the tailnet, nobody knows which */
  readonly addresses?: readonly string[];
}

/** What is known of the tailnet beside its policy. */
export interface World {
  /** All machines. @default - unknown: a tag stands for machines that carry it and no other */
  readonly devices?: readonly Device[];
  /** Subnet routes that are approved, and so part of `*` as a source. @default - unknown */
  readonly approvedRoutes?: readonly string[];
}

/**
 * Something that packets come from or go to, of which the rules know as much as this.
 *
 * A subject of a question is a list of points: all of them must get through as a source, any of them is enough as a
 * destination.
 */
export interface Point {
  /** A machine, a set of addresses in the words of the question, or a name that stands for neither. */
  readonly kind: "device" | "addresses" | "name";
  readonly text: string;
  /** The same for all addresses of one machine. */
  readonly machine?: object;
  readonly tags: ReadonlySet<string>;
  readonly user?: string;
  /** One of many, such as some member: `autogroup:member`, `autogroup:admin`, `user:*@example.com`. */
  readonly some?: string;
  /** Where its address lies: one, several of a question, or a range that holds the one that nobody knows. */
  readonly ranges: RangeSet;
}

/** Machines of the world as points, with the addresses at hand. */
export interface KnownDevice {
  readonly points: readonly Point[];
  readonly tags: ReadonlySet<string>;
  readonly user?: string;
  readonly hasAddresses: boolean;
}

/** A user's name without the `@` that headscale puts at the end of names that are no addresses of mail. */
export function userName(name: string): string {
  return name.trim().replace(/@$/, "");
}

/** Points of a machine: one per address. */
export function devicePoints(device: Device, policy: PolicyFile): Point[] {
  const tags = new Set(device.tags ?? []);
  const user = tags.size === 0 && device.user !== undefined ? userName(device.user) : undefined;
  const text = device.name ?? device.tags?.join(" + ") ?? device.user ?? device.addresses?.join(" and ") ?? "a machine";
  const machine = {};
  return addressesOf(device, policy).map((ranges) => ({
    kind: "device",
    machine,
    text,
    tags,
    ranges,
    ...(user === undefined ? {} : { user }),
  }));
}

function addressesOf(device: Device, policy: PolicyFile): RangeSet[] {
  const known = (device.addresses ?? []).flatMap((text) => parsePrefix(text) ?? []);
  if (known.length > 0) return known.map((range) => rangeSet([range]));
  return policy.disableIPv4 === true ? [TAILNET_V6] : [TAILNET_V4, TAILNET_V6];
}

/** Points of one of many machines that nobody lists. */
export function somePoints(some: string, policy: PolicyFile): Point[] {
  return devicePoints({ name: some }, policy).map((point) => ({ ...point, some }));
}

/** Reads the machines of a world. */
export function knownDevices(world: World, policy: PolicyFile): readonly KnownDevice[] | undefined {
  return world.devices?.map((device) => {
    const points = devicePoints(device, policy);
    const { tags, user } = points[0] as Point;
    return { points, tags, hasAddresses: (device.addresses ?? []).length > 0, ...(user === undefined ? {} : { user }) };
  });
}
