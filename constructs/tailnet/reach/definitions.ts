import {
  ANY_SOURCE,
  INTERNET,
  parsePrefix,
  parseRange,
  type RangeSet,
  rangeSet,
  withoutRanges,
} from "../language/addresses";
import type { PolicyFile } from "../language/policy-file";
import { parseSubject, ROLE_AUTOGROUPS, type Subject } from "../language/subjects";
import { userName, type World } from "./world";

/** A name in a rule, with what the policy says about it. */
export interface Alias {
  readonly text: string;
  readonly subject: Subject;
  /** Addresses that it stands for. */
  readonly ranges?: RangeSet;
  /** Users that it stands for. */
  readonly users?: ReadonlySet<string>;
  /** It stands for everything, machine or not. */
  readonly all: boolean;
  /** `*` as a source: machines and approved routes. */
  readonly isAnySource: boolean;
  /** The approved routes are known. */
  readonly hasRoutes: boolean;
  /** Nothing says what it stands for. */
  readonly isOpen: boolean;
  /** Why it cannot be evaluated for everybody. */
  readonly doubt?: string;
}

/** Reads names as one policy defines them. */
export class Definitions {
  private readonly aliases = new Map<string, Alias>();

  constructor(
    public readonly policy: PolicyFile,
    private readonly world: World,
  ) {}

  /** A name as a source or destination of a rule. */
  public alias(text: string, side: "src" | "dst"): Alias {
    const key = `${side} ${text}`;
    const found = this.aliases.get(key) ?? this.read(text.trim(), side);
    this.aliases.set(key, found);
    return found;
  }

  private read(text: string, side: "src" | "dst"): Alias {
    const subject = parseSubject(text);
    const base = { text, subject, all: false, isAnySource: false, hasRoutes: false, isOpen: false };
    const open = (doubt: string): Alias => ({ ...base, isOpen: true, doubt });
    switch (subject.kind) {
      case "any":
        return side === "dst" ? { ...base, all: true } : this.anySource(base);
      case "address":
        return { ...base, ranges: rangeSet([subject.range]) };
      case "host": {
        const ranges = this.host(subject.name);
        return ranges === undefined ? open(`nothing says which address ${text} is`) : { ...base, ranges };
      }
      case "ipset": {
        const ranges = this.ipset(subject.name);
        return ranges === undefined ? open(`nothing says which addresses ${text} holds`) : { ...base, ranges };
      }
      case "group": {
        const users = this.group(subject.name);
        return users === undefined ? open(`nothing says who is in ${text}`) : { ...base, users };
      }
      case "user":
        return { ...base, users: new Set([userName(subject.name)]) };
      case "autogroup":
        if (text === "autogroup:danger-all") return { ...base, all: true };
        if (text === "autogroup:internet") return { ...base, ranges: INTERNET };
        return ROLE_AUTOGROUPS.includes(text) ? { ...base, doubt: `nothing says who is in ${text}` } : base;
      case "invalid":
        return open(`${JSON.stringify(text)} is no name`);
      case "tag":
      case "domain":
      case "service":
        return base;
    }
  }

  private anySource(base: Alias): Alias {
    const routes = this.world.approvedRoutes?.flatMap((text) => parsePrefix(text) ?? []);
    const ranges = rangeSet([...ANY_SOURCE, ...(routes ?? [])]);
    return { ...base, ranges, isAnySource: true, hasRoutes: routes !== undefined };
  }

  /** Users of a group; undefined where the policy does not say. */
  public group(name: string): ReadonlySet<string> | undefined {
    const members = this.policy.groups?.[name];
    return members === undefined ? undefined : new Set(members.map(userName));
  }

  /** Addresses of a name of `hosts`. */
  public host(name: string): RangeSet | undefined {
    const text = this.policy.hosts?.[name];
    const range = text === undefined ? undefined : parsePrefix(text);
    return range === undefined ? undefined : rangeSet([range]);
  }

  /** Addresses of an IP set; undefined where an entry cannot be resolved. @see https://tailscale.com/kb/1387/ipsets */
  public ipset(name: string, outer: readonly string[] = []): RangeSet | undefined {
    const entries = outer.includes(name) ? undefined : this.policy.ipsets?.[name];
    let set: RangeSet = [];
    for (const entry of entries ?? []) {
      const [, verb, target = ""] = /^(?:(add|remove)\s+)?(\S+)$/.exec(entry.trim()) ?? [];
      const ranges = this.ipsetTarget(target, [...outer, name]);
      if (ranges === undefined) return undefined;
      set = verb === "remove" ? withoutRanges(set, ranges) : rangeSet([...set, ...ranges]);
    }
    return entries === undefined ? undefined : set;
  }

  private ipsetTarget(target: string, outer: readonly string[]): RangeSet | undefined {
    const range = parseRange(target);
    if (range !== undefined) return rangeSet([range]);
    if (target === "autogroup:internet") return INTERNET;
    if (target.startsWith("ipset:")) return this.ipset(target, outer);
    return this.host(target.replace(/^host:/, ""));
  }
}
