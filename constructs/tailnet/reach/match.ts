import { containsRanges, overlapsRanges, type RangeSet, TAILNET } from "../language/addresses";
import { ROLE_AUTOGROUPS } from "../language/subjects";
import type { Alias } from "./definitions";
import type { KnownDevice, Point } from "./world";

/** Whether a name in a rule covers a point. */
export const NO = 0;
export const YES = 1;
/** Perhaps: something is not known. */
export const MAYBE = 2;
/** It covers a part of the addresses that the question names. */
export const PART = 3;
export type Match = typeof NO | typeof YES | typeof MAYBE | typeof PART;

/** What matching may ask about machines. */
export interface Known {
  readonly devices: readonly KnownDevice[] | undefined;
  /** True when every machine is listed with its addresses. */
  readonly isComplete: boolean;
}

/** Matches one name of a rule against a point. */
export function matchAlias(alias: Alias, point: Point, known: Known): Match {
  if (point.kind === "name") return matchName(alias, point);
  if (alias.all) return YES;
  if (alias.isOpen) return MAYBE;
  if (alias.ranges !== undefined) {
    if (alias.isAnySource && point.kind === "device") return YES;
    const match = matchRanges(alias.ranges, point);
    return match !== YES && alias.isAnySource && !alias.hasRoutes && reachesBeyond(alias.ranges, point) ? MAYBE : match;
  }
  return point.kind === "device" ? matchIdentity(alias, point) : matchOwner(alias, point, known);
}

/** A name that stands for no machine: only the rule that writes it too is sure to mean it. */
function matchName(alias: Alias, point: Point): Match {
  if (alias.text === point.text || alias.all) return YES;
  return alias.subject.kind === "service" || point.text.startsWith("svc:") ? NO : MAYBE;
}

function matchRanges(ranges: RangeSet, point: Point): Match {
  if (containsRanges(ranges, point.ranges)) return YES;
  if (!overlapsRanges(ranges, point.ranges)) return NO;
  return point.kind === "device" ? MAYBE : PART;
}

function reachesBeyond(ranges: RangeSet, point: Point): boolean {
  return !point.ranges.every((range) => overlapsRanges(TAILNET, [range]) && overlapsRanges(ranges, [range]));
}

/** Whose are these addresses? */
function matchOwner(alias: Alias, point: Point, { devices, isComplete }: Known): Match {
  const hits = (devices ?? []).flatMap((device) =>
    device.hasAddresses ? device.points.filter((each) => overlapsRanges(point.ranges, each.ranges)) : [],
  );
  const isOne = point.ranges.length === 1 && point.ranges[0]?.low === point.ranges[0]?.high;
  if (isOne && hits[0] !== undefined) return matchIdentity(alias, hits[0]);
  if (hits.some((hit) => matchIdentity(alias, hit) === YES)) return PART;
  if (hits.some((hit) => matchIdentity(alias, hit) === MAYBE)) return MAYBE;
  return isComplete || !overlapsRanges(TAILNET, point.ranges) ? NO : MAYBE;
}

function matchIdentity({ subject, users }: Alias, point: Point): Match {
  const { tags, user, some } = point;
  const isTagged = tags.size > 0 || some === "autogroup:tagged";
  const isNobody = !isTagged && user === undefined && some === undefined;
  if (isNobody) return MAYBE;
  switch (subject.kind) {
    case "tag":
      return tags.has(subject.name) ? YES : some === "autogroup:tagged" ? MAYBE : NO;
    case "user":
    case "group":
      if (isTagged) return NO;
      if (user !== undefined) return users?.has(user) === true ? YES : NO;
      return MAYBE;
    case "domain":
      if (isTagged) return NO;
      if (user !== undefined) return user.endsWith(subject.name.slice("user:*".length)) ? YES : NO;
      return some === subject.name ? YES : MAYBE;
    case "autogroup":
      return matchAutogroup(subject.name, isTagged, some);
    case "service":
      return NO;
    case "any":
    case "address":
    case "host":
    case "ipset":
    case "invalid":
      return MAYBE;
  }
}

function matchAutogroup(name: string, isTagged: boolean, some: string | undefined): Match {
  if (name === "autogroup:tagged") return isTagged ? YES : NO;
  if (isTagged) return NO;
  if (some === name) return YES;
  if (name === "autogroup:member") return some === "autogroup:shared" ? NO : YES;
  return ROLE_AUTOGROUPS.includes(name) ? MAYBE : NO;
}

/** Why a name of a rule perhaps covers a point. */
export function doubtOf(alias: Alias, point: Point): string {
  if (alias.doubt !== undefined) return alias.doubt;
  if (point.kind === "name") return `nothing says what ${point.text} stands for`;
  if (alias.isAnySource) return `* covers approved subnet routes, and nothing says whether ${point.text} is one`;
  if (alias.ranges !== undefined) return `nothing says whether ${point.text} has an address of ${alias.text}`;
  if (point.kind === "addresses") return `nothing says whether ${alias.text} has the address ${point.text}`;
  if (point.some !== undefined) return `${alias.text} may be a part of ${point.some}`;
  return `nothing says whether ${point.text} is ${alias.text}`;
}
