import type { Problem } from "../../core/problems";
import type { AdoptedPolicy } from "../../../model/tailnet-types";
import type { PolicyFile } from "../language/policy-file";
import { type Place, placeOf, without } from "./paths";

/** Sections of definitions: each name has one meaning. */
const DEFINITIONS = ["groups", "hosts", "ipsets", "tagOwners", "postures"] as const;
/** Sections of rules and claims: they add up. */
const LISTS = ["acls", "grants", "ssh", "nodeAttrs", "tests", "sshTests"] as const;
/** Definitions of `autoApprovers`. */
const APPROVED = ["routes", "services"] as const;

type Fields = Readonly<Record<string, unknown>>;
type PolicyList = (typeof LISTS)[number];

/** A merged policy. */
export interface MergedPolicy {
  readonly policy: PolicyFile;
  /** What stands against it. */
  readonly problems: readonly Problem[];
  /** Which rules of the adopted policy stand first in each list: their numbers there, in order. */
  readonly adopted: Readonly<Record<PolicyList, readonly number[]>>;
}

/** What a policy says that has neither `acls` nor `grants`. */
const EVERYTHING = [{ action: "accept", src: ["*"], dst: ["*:*"] }] as const;

/**
 * Adds a fleet's policy to the one that its tailnet had before.
 *
 * Definitions are joined by name, and a name with two meanings is a problem. Rules and tests of the old policy come first,
 * then those of the fleet that it does not have yet, so that merging again changes nothing. A policy with neither `acls` nor
 * `grants` opens everything; it counts as having that rule, `acls.0`.
 *
 * @param adopted - what `dropped` names is left out; a path that names nothing is a problem.
 * @param own - the fleet's own policy.
 */
export function mergePolicies(adopted: AdoptedPolicy, own: PolicyFile): MergedPolicy {
  const whole = spelledOut(adopted.policy);
  const places: Place[] = [];
  const problems: Problem[] = [];
  for (const path of Object.keys(adopted.dropped ?? {})) {
    const place = placeOf(whole, path);
    if (place !== undefined) places.push(place);
    else
      problems.push({
        path: `tailnet.adopted.dropped.${path}`,
        rule: "names nothing in the adopted policy",
        fix: "remove it",
      });
  }
  const old = without(whole, places) as Fields;
  const policy = new Merge(old, own as Fields, problems).policy();
  return { policy, problems, adopted: numbersOf(whole, places) };
}

function spelledOut(policy: Fields): Fields {
  const fields = Object.fromEntries(
    Object.entries(policy).filter(([, value]) => value !== null && value !== undefined),
  );
  return fields["acls"] === undefined && fields["grants"] === undefined ? { ...fields, acls: EVERYTHING } : fields;
}

function numbersOf(whole: Fields, places: readonly Place[]): Readonly<Record<PolicyList, readonly number[]>> {
  const isDropped = (section: string, index: number) =>
    places.some((place) => place[0] === section && (place.length === 1 || (place.length === 2 && place[1] === index)));
  const numbers = LISTS.map((section): [PolicyList, readonly number[]] => {
    const rules = Array.isArray(whole[section]) ? (whole[section] as readonly unknown[]) : [];
    return [section, rules.flatMap((_rule, index) => (isDropped(section, index) ? [] : [index]))];
  });
  return Object.fromEntries(numbers) as Record<PolicyList, readonly number[]>;
}

/** One merge of two policies on its way. */
class Merge {
  constructor(
    private readonly old: Fields,
    private readonly own: Fields,
    private readonly problems: Problem[],
  ) {}

  public policy(): PolicyFile {
    const { old, own } = this;
    const known: readonly string[] = [...DEFINITIONS, ...LISTS, "autoApprovers"];
    const sections = [...new Set([...Object.keys(old), ...Object.keys(own)])];
    const merged = sections.map((section): [string, unknown] => {
      const [before, mine] = [old[section], own[section]];
      if (before === undefined || mine === undefined) return [section, before ?? mine];
      if ((DEFINITIONS as readonly string[]).includes(section)) return [section, this.byName(section, before, mine)];
      if ((LISTS as readonly string[]).includes(section)) return [section, added(before, mine)];
      if (section === "autoApprovers") return [section, this.approvers(before as Fields, mine as Fields)];
      return [section, this.one(section, before, mine)];
    });
    const order = (section: string) => (known.includes(section) ? known.indexOf(section) : known.length);
    return Object.fromEntries(merged.sort(([a], [b]) => order(a) - order(b)));
  }

  private byName(section: string, before: unknown, mine: unknown): Fields {
    const [first, second] = [before as Fields, mine as Fields];
    for (const [name, value] of Object.entries(second))
      if (first[name] !== undefined) this.one(`${section}.${name}`, first[name], value);
    return { ...first, ...second, ...first };
  }

  private approvers(before: Fields, mine: Fields): Fields {
    const named = APPROVED.flatMap((kind): [string, unknown][] => {
      const [first, second] = [before[kind], mine[kind]];
      if (first === undefined && second === undefined) return [];
      return [[kind, this.byName(`autoApprovers.${kind}`, first ?? {}, second ?? {})]];
    });
    const exitNode = added(before["exitNode"] ?? [], mine["exitNode"] ?? []);
    return { ...Object.fromEntries(named), ...(exitNode.length > 0 && { exitNode }) };
  }

  /** Two values for one thing: fine where they are equal. */
  private one(path: string, before: unknown, mine: unknown): unknown {
    if (textOf(before, path) === textOf(mine, path)) return before;
    this.problems.push({
      path: `tailnet.adopted.policy.${path}`,
      rule: `must be what the fleet has, ${JSON.stringify(mine)}`,
      got: before,
      fix: `change the fleet's, or drop this one: dropped: { ${JSON.stringify(path)}: "<reason>" }`,
    });
    return before;
  }
}

function added(before: unknown, mine: unknown): readonly unknown[] {
  const [first, second] = [before, mine].map((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []));
  const there = new Set((first ?? []).map((rule) => textOf(rule)));
  return [...(first ?? []), ...(second ?? []).filter((rule) => !there.has(textOf(rule)))];
}

/** Text that is the same for values that mean the same. The order counts in IP sets, which take ranges out again. */
function textOf(value: unknown, path = "ipsets."): string {
  const isSet = Array.isArray(value) && !path.startsWith("ipsets.");
  return JSON.stringify(isSet ? [...(value as readonly unknown[])].sort() : value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
