import { containsRanges, type RangeSet, rangeSet } from "../language/addresses";
import type { PolicyFile } from "../language/policy-file";
import {
  DEFAULT_PROTOCOLS,
  hasPort,
  hasPorts,
  isAllPorts,
  isIcmp,
  type Opening,
  parseProtocol,
} from "../language/ports";
import { CompiledPolicy, type Matched, rangesOf, type Rule } from "./compile";
import { doubtsOf } from "./doubts";
import { MAYBE, PART, YES } from "./match";
import { type Resolved, resolveSubject } from "./resolve";
import type { Device, Point } from "./world";

/** Who asks, or is asked for: a name as a policy writes it, or a machine. */
export type ReachSubject = string | Device;

/** Something that a policy says and that cannot be evaluated. */
export interface Doubt {
  /** The rule, shape `grants.3`, or the subject of the question. */
  readonly path: string;
  readonly reason: string;
}

/** An answer. */
export interface Reach {
  /**
   * `open`: every address of the source reaches the destination. `closed`: some address surely does not.
   * `unknown`: what decides it cannot be evaluated.
   */
  readonly verdict: "open" | "closed" | "unknown";
  /** Rules that open it. */
  readonly rules: readonly string[];
  /** Tags of the routers, one of which must be on the way, where some address of the source has no other way. */
  readonly via?: readonly string[];
  /** Rules that open it for a part of the source or destination only. */
  readonly partly: readonly string[];
  /** What could not be evaluated and might open it. */
  readonly unknown: readonly Doubt[];
}

interface Side extends Resolved {
  readonly matched: readonly Matched[];
}

const compiledPolicies = new WeakMap<PolicyFile, CompiledPolicy>();
const sides = new WeakMap<CompiledPolicy, Record<"src" | "dst", Map<ReachSubject, Side>>>();

/**
 * Tells whether a source may open connections to a destination.
 *
 * A subject with many machines reaches as the tests of a policy have it: all of the source, any of the destination. A
 * range of addresses as destination must be reached as a whole.
 *
 * @param policy - compiled once with `compilePolicy` where there are many questions or a list of machines.
 * @param proto - name or number. Without one, any of TCP, UDP and ICMP is enough, as in a test.
 * @param port - 1 to 65535. Without one, any port is enough. ICMP and protocols without ports ignore it.
 * @see https://tailscale.com/kb/1337/policy-syntax#tests
 */
export function canReach(
  policy: CompiledPolicy | PolicyFile,
  from: ReachSubject,
  to: ReachSubject,
  proto?: string | number,
  port?: number,
): Reach {
  const compiled = policy instanceof CompiledPolicy ? policy : compiledOf(policy);
  const protocol = protocolOf(proto);
  if (protocol === null) return answer("unknown", { unknown: [{ path: "proto", reason: `${proto} is no protocol` }] });
  return new Question(compiled, sideOf(compiled, from, "src"), sideOf(compiled, to, "dst"), protocol, port).answer();
}

function compiledOf(policy: PolicyFile): CompiledPolicy {
  const found = compiledPolicies.get(policy) ?? new CompiledPolicy(policy);
  compiledPolicies.set(policy, found);
  return found;
}

const protocols = new Map<string | number | undefined, number | undefined | null>([
  [undefined, undefined],
  ["", undefined],
]);

function protocolOf(proto: string | number | undefined): number | undefined | null {
  const found = protocols.get(proto);
  if (found !== undefined || protocols.has(proto)) return found;
  return parseProtocol(String(proto)) ?? null;
}

function sideOf(compiled: CompiledPolicy, subject: ReachSubject, side: "src" | "dst"): Side {
  let known = sides.get(compiled);
  if (known === undefined) sides.set(compiled, (known = { src: new Map(), dst: new Map() }));
  const found = known[side].get(subject);
  if (found !== undefined) return found;
  const resolved = resolveSubject(compiled, subject);
  const made = { ...resolved, matched: compiled.match(resolved.points, side) };
  known[side].set(subject, made);
  return made;
}

/** True when a rule lets a protocol through. Whoever may reach any port may also ping. @see tailscale wgengine/filter */
export function isOpened(
  openings: readonly Opening[],
  protocol: number | undefined,
  port: number | undefined,
): boolean {
  if (protocol === undefined)
    return openings.some(
      (one) => one.protocols.some((each) => DEFAULT_PROTOCOLS.includes(each)) && isIn(one.ports, port),
    );
  if (isIcmp(protocol)) return openings.length > 0;
  if (hasPorts(protocol)) return openings.some((one) => one.protocols.includes(protocol) && isIn(one.ports, port));
  return openings.some((one) => one.protocols.includes(protocol) && isAllPorts(one.ports));
}

function isIn(ports: Opening["ports"], port: number | undefined): boolean {
  return port === undefined ? ports.length > 0 : hasPort(ports, port);
}

/** One question, on its way to an answer. */
class Question {
  private readonly open = new Set<number>();
  private readonly maybe = new Map<number, [Matched, Matched]>();
  private readonly partly = new Set<number>();
  /** Rules with routers that are the only way for some source. */
  private readonly routed = new Set<number>();

  constructor(
    private readonly compiled: CompiledPolicy,
    private readonly from: Side,
    private readonly to: Side,
    private readonly protocol: number | undefined,
    private readonly port: number | undefined,
  ) {}

  public answer(): Reach {
    const { from, to } = this;
    const states = from.matched.map((source) => this.reach(source));
    const subjectDoubts = [from, to].flatMap(({ doubt }) => (doubt === undefined ? [] : [doubt]));
    const isOpen = states.length > 0 && states.every((state) => state === YES);
    if (isOpen) return this.opened();
    const isUnknown = subjectDoubts.length > 0 || states.every((state) => state === YES || state === MAYBE);
    const unknown = [
      ...subjectDoubts.map((reason) => ({ path: "question", reason })),
      ...[...this.maybe].flatMap(([index, [source, target]]) =>
        doubtsOf(this.compiled, this.rule(index), source.point, target.point).map((reason) => ({
          path: this.rule(index).path,
          reason,
        })),
      ),
    ];
    const partly = this.paths([...this.partly, ...this.open]);
    return answer(isUnknown ? "unknown" : "closed", { partly, unknown });
  }

  private opened(): Reach {
    const routers = [...this.routed].sort((a, b) => a - b).flatMap((index) => this.rule(index).via);
    return answer("open", {
      rules: this.paths([...this.open]),
      ...(routers.length > 0 ? { via: [...new Set(routers)] } : {}),
    });
  }

  /** The state of one source point: yes, maybe, or no. */
  private reach(source: Matched): typeof YES | typeof MAYBE | typeof PART {
    let state: typeof YES | typeof MAYBE | typeof PART = PART;
    const covered: Record<"src" | "dst", RangeSet[]> = { src: [], dst: [] };
    const ways: number[] = [];
    for (const index of source.rules) {
      for (const target of this.to.matched) {
        const dst = target.matches[index] as number;
        if (dst === 0) continue;
        const rule = this.rule(index);
        const isOpen = isOpened(rule.openings, this.protocol, this.port);
        if (!isOpen && rule.openings.length > 0 && rule.doubt === undefined) break;
        const match = this.matchPair(rule, source.matches[index] as number, dst, source, target);
        if (match === 0) continue;
        if (!isOpen) {
          this.maybe.set(index, [source, target]);
          if (rule.doubt !== undefined && state === PART) state = MAYBE;
        } else if (match === YES) {
          this.open.add(index);
          ways.push(index);
          state = YES;
        } else if (match === MAYBE) {
          if (!this.maybe.has(index)) this.maybe.set(index, [source, target]);
          if (state === PART) state = MAYBE;
        } else {
          this.partly.add(index);
          if (dst === YES) covered.src.push(rangesOf(rule.src));
          if (source.matches[index] === YES) covered.dst.push(rangesOf(rule.dst));
        }
      }
    }
    if (state === PART && this.isCovered(covered, source)) {
      for (const index of this.partly) if (this.rule(index).via.length > 0) this.routed.add(index);
      return YES;
    }
    if (ways.every((index) => this.rule(index).via.length > 0)) for (const index of ways) this.routed.add(index);
    return state;
  }

  private matchPair(rule: Rule, src: number, dst: number, source: Matched, target: Matched): number {
    const isOwn = !rule.isSelf || dst !== YES || target.point.kind === "name";
    if (!isOwn && source.point.kind === "device" && source.point.user !== target.point.user)
      return source.point.user === undefined && source.point.tags.size === 0 ? MAYBE : 0;
    if (!isOwn && source.point.kind !== "device") return MAYBE;
    if (src === MAYBE || dst === MAYBE || rule.postures.length > 0) return MAYBE;
    return src === PART || dst === PART ? PART : YES;
  }

  /** Where one side is a range and the other is covered, several rules may cover the range together. */
  private isCovered(covered: Readonly<Record<"src" | "dst", readonly RangeSet[]>>, source: Matched): boolean {
    const [target, ...others] = this.to.matched;
    const isSource = covered.src.length > 0 && isWithin(source.point, covered.src);
    const isTarget = covered.dst.length > 0 && others.length === 0 && isWithin(target?.point, covered.dst);
    if (!isSource && !isTarget) return false;
    for (const index of this.partly) this.open.add(index);
    return true;
  }

  private rule(index: number): Rule {
    return this.compiled.rules[index] as Rule;
  }

  private paths(indexes: readonly number[]): readonly string[] {
    return [...new Set([...indexes].sort((a, b) => a - b).map((index) => this.rule(index).path))];
  }
}

function isWithin(point: Point | undefined, covered: readonly RangeSet[]): boolean {
  return point?.kind === "addresses" && containsRanges(rangeSet(covered.flat()), point.ranges);
}

const NONE: readonly never[] = [];

function answer(verdict: Reach["verdict"], rest: Partial<Reach>): Reach {
  return { verdict, rules: NONE, partly: NONE, unknown: NONE, ...rest };
}
