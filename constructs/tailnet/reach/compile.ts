import { containsRanges, type RangeSet, rangeSet } from "../language/addresses";
import type { AppCapabilities, PolicyFile } from "../language/policy-file";
import {
  ALL_PORTS,
  DEFAULT_PROTOCOLS,
  type Opening,
  parseOpening,
  parsePorts,
  PortError,
  parseProtocol,
} from "../language/ports";
import { splitDestination } from "../language/subjects";
import { type Alias, Definitions } from "./definitions";
import { type Known, type Match, matchAlias, MAYBE, NO, PART, YES } from "./match";
import { type KnownDevice, knownDevices, type Point, type World } from "./world";

/** Path of what opens everything when a policy has neither `acls` nor `grants`. */
export const NO_RULES = "no acls and no grants";

/** A rule, or the part of one that has destinations of one kind. */
export interface Rule {
  /** Shape: `grants.3`, `acls.0`. */
  readonly path: string;
  readonly src: readonly Alias[];
  readonly dst: readonly Alias[];
  /** Empty for a grant that gives capabilities only. */
  readonly openings: readonly Opening[];
  readonly via: readonly string[];
  readonly postures: readonly string[];
  readonly app?: AppCapabilities;
  /** Its destination is `autogroup:self`: the machines of the source's own user. */
  readonly isSelf: boolean;
  /** What in it cannot be read. */
  readonly doubt?: string;
}

/** A point and how each rule matches it, by the rule's index. */
export interface Matched {
  readonly point: Point;
  /** {@link Match} by rule. */
  readonly matches: Uint8Array;
  /** Rules that match at all. */
  readonly rules: readonly number[];
}

/** A policy made ready for questions. Make it once: it remembers what it has worked out about each subject. */
export class CompiledPolicy {
  public readonly definitions: Definitions;
  public readonly rules: readonly Rule[];
  public readonly devices: readonly KnownDevice[] | undefined;
  /** What matching may ask about machines. */
  public readonly known: Known;
  private readonly hasSelf: boolean;
  /** Some rule names addresses, so that the addresses of a machine matter. */
  private readonly hasAddresses: boolean;

  constructor(
    public readonly policy: PolicyFile,
    public readonly world: World = {},
  ) {
    this.definitions = new Definitions(policy, world);
    this.rules = compileRules(policy, this.definitions);
    this.hasSelf = this.rules.some(({ isSelf }) => isSelf);
    this.hasAddresses = this.rules.some(({ src, dst }) =>
      [...src, ...dst].some(({ ranges, isAnySource }) => ranges !== undefined && !isAnySource),
    );
    this.devices = knownDevices(world, policy);
    const isComplete = this.devices?.every(({ hasAddresses }) => hasAddresses) ?? false;
    this.known = { devices: this.devices, isComplete };
  }

  /** Matches points against all rules; points that all rules match alike become one. */
  public match(points: readonly Point[], side: "src" | "dst"): readonly Matched[] {
    const seen = new Set<string>();
    const classes = new Map<string, Matched>();
    for (const point of points) {
      const identity = this.hasAddresses || point.kind !== "device" ? undefined : identityOf(point);
      if (identity !== undefined && seen.has(identity)) continue;
      if (identity !== undefined) seen.add(identity);
      const matches = new Uint8Array(this.rules.length);
      const rules: number[] = [];
      this.rules.forEach((rule, index) => {
        const match = this.matchSide(rule, rule[side], point, side);
        if (match === NO) return;
        matches[index] = match;
        rules.push(index);
      });
      const user = this.hasSelf ? (point.user ?? "") : "";
      const key = `${user} ${rules.map((index) => `${index}:${matches[index]}`).join()}`;
      if (!classes.has(key)) classes.set(key, { point, matches, rules });
    }
    return [...classes.values()];
  }

  private matchSide(rule: Rule, aliases: readonly Alias[], point: Point, side: "src" | "dst"): Match {
    if (side === "dst" && rule.isSelf) return this.matchSelf(point);
    let match: Match = NO;
    for (const alias of aliases) {
      let one = matchAlias(alias, point, this.known);
      // A router is on the way to addresses behind it; what it means for a machine is not said anywhere.
      if (one === YES && side === "dst" && rule.via.length > 0 && alias.ranges === undefined) one = MAYBE;
      if (one === YES) return YES;
      if (one === MAYBE || match === NO) match = one;
    }
    return match === PART && isCoveredTogether(aliases, point.ranges) ? YES : match;
  }

  /** Whether a point can be somebody's own machine; whose, the question decides. */
  private matchSelf(point: Point): Match {
    if (point.text === "autogroup:self") return YES;
    const member = this.definitions.alias("autogroup:member", "dst");
    const match = matchAlias(member, point, this.known);
    return match === YES && (point.kind !== "device" || point.user === undefined) ? MAYBE : match;
  }
}

function identityOf({ tags, user, some, text }: Point): string {
  return [...tags].sort().join() || (user ?? some ?? text);
}

function isCoveredTogether(aliases: readonly Alias[], ranges: RangeSet): boolean {
  return containsRanges(rangeSet(rangesOf(aliases)), ranges);
}

/** Addresses that names stand for, as far as it is known. */
export function rangesOf(aliases: readonly Alias[]): RangeSet {
  return aliases.flatMap((alias) => (alias.isOpen ? [] : [...(alias.ranges ?? [])]));
}

function compileRules(policy: PolicyFile, definitions: Definitions): Rule[] {
  if (isMissing(policy.acls) && isMissing(policy.grants)) return [everything(definitions)];
  const fallback = policy.defaultSrcPosture ?? [];
  const grants = (policy.grants ?? []).flatMap((grant, index): Rule[] => {
    const doubts: string[] = [];
    const rule = {
      path: `grants.${index}`,
      src: grant.src.map((text) => definitions.alias(text, "src")),
      openings: (grant.ip ?? []).flatMap((text) => attempt(() => parseOpening(text), text, doubts) ?? []),
      via: grant.via ?? [],
      postures: grant.srcPosture ?? fallback,
      ...(grant.app === undefined ? {} : { app: grant.app }),
      ...(doubts.length > 0 ? { doubt: doubts.join("; ") } : {}),
    };
    return splitSelf(grant.dst, definitions).map((part) => ({ ...rule, ...part }));
  });
  const acls = (policy.acls ?? []).flatMap((acl, index): Rule[] => {
    const src = acl.src.map((text) => definitions.alias(text, "src"));
    return acl.dst.flatMap((text) => {
      const doubts: string[] = [];
      const { subject, ports } = splitDestination(text.trim()) ?? { subject: text, ports: "" };
      const protocols = attempt(() => aclProtocols(acl.proto), acl.proto ?? "", doubts);
      const read = attempt(() => parsePorts(ports), text, doubts);
      const openings = protocols === undefined || read === undefined ? [] : [{ protocols, ports: read }];
      const doubt = doubts.length > 0 ? { doubt: doubts.join("; ") } : {};
      const rule = { path: `acls.${index}`, src, openings, via: [], postures: acl.srcPosture ?? fallback, ...doubt };
      return splitSelf([subject], definitions).map((part) => ({ ...rule, ...part }));
    });
  });
  return [...grants, ...acls];
}

function isMissing(rules: readonly unknown[] | null | undefined): boolean {
  return rules === undefined || rules === null;
}

function everything(definitions: Definitions): Rule {
  return {
    path: NO_RULES,
    src: [definitions.alias("autogroup:danger-all", "src")],
    dst: [definitions.alias("*", "dst")],
    openings: [{ protocols: DEFAULT_PROTOCOLS, ports: ALL_PORTS }],
    via: [],
    postures: [],
    isSelf: false,
  };
}

function splitSelf(dst: readonly string[], definitions: Definitions): Pick<Rule, "dst" | "isSelf">[] {
  const all = dst.map((text) => definitions.alias(text, "dst"));
  const others = all.filter(({ text }) => text !== "autogroup:self");
  return [
    ...(others.length > 0 ? [{ dst: others, isSelf: false }] : []),
    ...(others.length < all.length ? [{ dst: all.filter((alias) => !others.includes(alias)), isSelf: true }] : []),
  ];
}

function aclProtocols(proto: string | undefined): readonly number[] {
  if (proto === undefined || proto === "") return DEFAULT_PROTOCOLS;
  const number = parseProtocol(proto);
  if (number === undefined) throw new PortError("must be a protocol's name or its number from 1 to 255");
  return [number];
}

/** What cannot be read is named when a question comes to it. */
function attempt<T>(read: () => T, text: string, doubts: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    doubts.push(`${JSON.stringify(text)} ${error.message}`);
    return undefined;
  }
}

/** Makes a policy ready for questions. */
export function compilePolicy(policy: PolicyFile, world: World = {}): CompiledPolicy {
  return new CompiledPolicy(policy, world);
}
