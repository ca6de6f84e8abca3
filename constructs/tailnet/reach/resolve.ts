import {
  ANY_SOURCE,
  INTERNET,
  overlapsRanges,
  parseRange,
  type RangeSet,
  TAILNET_V4,
  TAILNET_V6,
} from "../language/addresses";
import { parseSubject, ROLE_AUTOGROUPS } from "../language/subjects";
import type { CompiledPolicy } from "./compile";
import { type Device, devicePoints, type KnownDevice, type Point, somePoints, userName } from "./world";

/** What a subject of a question stands for. */
export interface Resolved {
  readonly points: readonly Point[];
  /** Why this cannot be all. */
  readonly doubt?: string;
}

/** Reads a subject of a question as one policy defines it. */
export function resolveSubject(compiled: CompiledPolicy, subject: string | Device): Resolved {
  if (typeof subject !== "string") return { points: devicePoints(subject, compiled.policy) };
  const text = subject.trim();
  const { definitions, policy } = compiled;
  const parsed = parseSubject(text);
  const devices = (matches: (device: KnownDevice) => boolean, otherwise: () => readonly Point[]): Resolved => {
    const found = compiled.devices?.filter(matches).flatMap(({ points }) => points) ?? [];
    return { points: found.length > 0 ? found : otherwise() };
  };
  const user = (name: string): Resolved =>
    devices(
      (device) => device.user === name,
      () => devicePoints({ user: name }, policy),
    );
  switch (parsed.kind) {
    case "any":
      return { points: anywhere(policy.disableIPv4 === true) };
    case "tag":
      return devices(
        ({ tags }) => tags.has(text),
        () => devicePoints({ tags: [text] }, policy),
      );
    case "user":
      return user(userName(text));
    case "group": {
      const users = definitions.group(text);
      if (users === undefined) return unknown(text, `nothing says who is in ${text}`);
      if (users.size === 0) return { points: [], doubt: `${text} has no members` };
      return { points: [...users].flatMap((name) => user(name).points) };
    }
    case "domain":
      return devices(
        (device) => device.user?.endsWith(text.slice("user:*".length)) === true,
        () => somePoints(text, policy),
      );
    case "autogroup":
      return autogroup(text, devices, () => somePoints(text, policy));
    case "address":
      return { points: [addresses(text, [parsed.range])] };
    case "host": {
      const range = parseRange(text);
      const ranges = definitions.host(text) ?? (range === undefined ? undefined : [range]);
      return ranges === undefined ? unknown(text, `${text} is not in hosts`) : { points: [addresses(text, ranges)] };
    }
    case "ipset": {
      const ranges = definitions.ipset(text);
      return ranges === undefined
        ? unknown(text, `nothing says which addresses ${text} holds`)
        : { points: [addresses(text, ranges)] };
    }
    case "service":
      return { points: [named(text)] };
    case "invalid":
      return unknown(text, `${JSON.stringify(text)} is no name`);
  }
}

type Devices = (matches: (device: KnownDevice) => boolean, otherwise: () => readonly Point[]) => Resolved;

function autogroup(text: string, devices: Devices, some: () => readonly Point[]): Resolved {
  if (text === "autogroup:member") return devices(({ user }) => user !== undefined, some);
  if (text === "autogroup:tagged") return devices(({ tags }) => tags.size > 0, some);
  if (text === "autogroup:internet") return { points: [addresses(text, INTERNET)] };
  if (ROLE_AUTOGROUPS.includes(text)) return { points: some() };
  return unknown(text, `${text} stands for no machines of its own`);
}

function anywhere(isV6Only: boolean): Point[] {
  const families = isV6Only ? [TAILNET_V6] : [TAILNET_V4, TAILNET_V6];
  return families.map((family) =>
    addresses(
      "*",
      ANY_SOURCE.filter((range) => overlapsRanges(family, [range])),
    ),
  );
}

function addresses(text: string, ranges: RangeSet): Point {
  return { kind: "addresses", text, tags: new Set(), ranges };
}

function named(text: string): Point {
  return { kind: "name", text, tags: new Set(), ranges: [] };
}

function unknown(text: string, doubt: string): Resolved {
  return { points: [named(text)], doubt };
}
