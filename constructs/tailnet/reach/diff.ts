import type { PolicyFile } from "../language/policy-file";
import { commonPorts, type PortSet, portsText, protocolName, withoutPorts } from "../language/ports";
import { CompiledPolicy } from "./compile";
import { type Vocabulary, vocabularyOf, type Word } from "./vocabulary";
import { type Ports, reachOf } from "./reach-set";
import { type UnevaluatedRule, unevaluated } from "./unevaluated";
import type { World } from "./world";

/** One thing that a source may do after a change of the policy and could not before, or the other way round. */
export interface ReachChange {
  readonly change: "newly reaches" | "no longer reaches";
  readonly from: string;
  readonly to: string;
  /** Name, or number where there is no name. */
  readonly protocol: string;
  /** Shape: `80-90,443`, `*`. */
  readonly ports: string;
  /** What inside of a lost one stays: narrower sources and destinations. */
  readonly except: readonly string[];
}

/** What a change of a policy does. */
export interface ReachDiff {
  readonly changes: readonly ReachChange[];
  /** Rules that are new, gone or different and cannot be evaluated. */
  readonly unknown: readonly UnevaluatedRule[];
}

type Change = ReachChange["change"];
type Pairs = Map<number, Ports>;

/**
 * Compares what two policies open, as sets of (source, destination, protocol, ports).
 *
 * The sources and destinations are those that rules of either policy name; a group, host or IP set that changed its
 * meaning is replaced by what it held. A change is told once, for the widest subjects that it holds for. Ping is told
 * only where nothing else changes: whoever may reach a port may ping.
 *
 * @param world - machines, where machines with several tags matter.
 */
export function reachabilityDiff(before: PolicyFile, after: PolicyFile, world: World = {}): ReachDiff {
  const [old, now] = [new CompiledPolicy(before, world), new CompiledPolicy(after, world)];
  const words = vocabularyOf(old, now);
  const gained: Pairs = new Map();
  const lost: Pairs = new Map();
  const kept: Pairs = new Map();
  words.src.forEach((source) => {
    words.dst.forEach((target) => {
      const [had, has] = [reachOf(old, source.old, target.old), reachOf(now, source.now, target.now)];
      if (had === has) return;
      const pair = pairOf(words, source, target);
      add(gained, pair, difference(has, had));
      add(lost, pair, difference(had, has));
      if (has.size > 0) kept.set(pair, has);
    });
  });
  const changes = [
    ...widest(words, gained, "newly reaches", kept),
    ...widest(words, lost, "no longer reaches", kept),
  ].sort(inOrder);
  return { changes: changes.map(({ entry }) => entry), unknown: unevaluated(old, now) };
}

/** A diff as text, one line per change, then what could not be evaluated. */
export function diffLines({ changes, unknown }: ReachDiff): string[] {
  return [
    ...changes.map(({ change, from, to, protocol, ports, except }) => {
      const line = `${from} ${change} ${to} ${protocol}${ports === "" ? "" : ` ${ports}`}`;
      if (except.length === 0) return line;
      const more = except.length > 3 ? `, and ${except.length - 3} more` : "";
      return `${line} (still: ${except.slice(0, 3).join(", ")}${more})`;
    }),
    ...unknown.map(({ policy, path, rule, reason }) => `unknown: ${path} ${policy}: ${rule}: ${reason}`),
  ];
}

function pairOf(words: Vocabulary, source: Word, target: Word): number {
  return source.index * words.dst.length + target.index;
}

function add(pairs: Pairs, pair: number, ports: Ports): void {
  if (ports.size > 0) pairs.set(pair, ports);
}

function difference(ports: Ports, others: Ports): Ports {
  const left = new Map<number, PortSet>();
  for (const [protocol, set] of ports) {
    const rest = withoutPorts(set, others.get(protocol) ?? []);
    if (rest.length > 0) left.set(protocol, rest);
  }
  if (left.size > 1) left.delete(1);
  return left;
}

interface Told {
  readonly entry: ReachChange;
  readonly order: number;
}

/** Leaves out what a change of wider subjects already says. */
function widest(words: Vocabulary, pairs: Pairs, change: Change, kept: Pairs): Told[] {
  return [...pairs].flatMap(([pair, ports]) => {
    const source = words.src[Math.floor(pair / words.dst.length)] as Word;
    const target = words.dst[pair % words.dst.length] as Word;
    let left = ports;
    for (const wider of [source, ...source.wider.map((index) => words.src[index] as Word)])
      for (const aim of [target, ...target.wider.map((index) => words.dst[index] as Word)]) {
        const said = wider === source && aim === target ? undefined : pairs.get(pairOf(words, wider, aim));
        if (said !== undefined && left.size > 0) left = difference(left, said);
      }
    return [...left].map(([protocol, set]): Told => {
      const except = change === "newly reaches" ? [] : remaining(words, kept, [source, target], protocol, set);
      const names = { from: source.text, to: target.text, protocol: protocolName(protocol) };
      return { entry: { change, ...names, ports: protocolPorts(protocol, set), except }, order: protocol };
    });
  });
}

function protocolPorts(protocol: number, ports: PortSet): string {
  return protocol === 6 || protocol === 17 || protocol === 132 ? portsText(ports) : "";
}

/** Narrower pairs that still reach what a pair has lost as a whole. */
function remaining(words: Vocabulary, kept: Pairs, pair: [Word, Word], protocol: number, lost: PortSet): string[] {
  const [sources, targets] = [
    [pair[0], ...pair[0].narrower.map((index) => words.src[index] as Word)],
    [pair[1], ...pair[1].narrower.map((index) => words.dst[index] as Word)],
  ];
  return sources.flatMap((source) =>
    targets.flatMap((target) => {
      if (source === pair[0] && target === pair[1]) return [];
      const common = commonPorts(kept.get(pairOf(words, source, target))?.get(protocol) ?? [], lost);
      if (common.length === 0) return [];
      const ports = protocolPorts(protocol, common);
      return [`${source.text} to ${target.text} ${protocolName(protocol)}${ports === "" ? "" : ` ${ports}`}`];
    }),
  );
}

function inOrder(a: Told, b: Told): number {
  const texts = ({ entry }: Told) => [entry.from, entry.to, entry.change] as const;
  const [first, second] = [texts(a), texts(b)];
  for (const index of [0, 1, 2] as const)
    if (first[index] !== second[index]) return first[index] < second[index] ? -1 : 1;
  return a.order - b.order;
}
