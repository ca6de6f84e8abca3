import { ALL_PORTS, commonPorts, hasPorts, isAllPorts, isIcmp, type PortSet, unionPorts } from "../language/ports";
import type { CompiledPolicy, Matched, Rule } from "./compile";
import { YES } from "./match";
import type { Point } from "./world";

/** Ports by protocol; ping stands under ICMP whatever its family, and protocols without ports have all or nothing. */
export type Ports = ReadonlyMap<number, PortSet>;

const NOTHING: Ports = new Map();
const remembered = new WeakMap<CompiledPolicy, Map<string, Ports>>();

/** Addresses of one machine, or a point that is none. */
type Machine = readonly Matched[];

/**
 * What every address of every source may do at some address of every destination, for sure and without condition.
 *
 * @returns the same object for the same rules.
 */
export function reachOf(policy: CompiledPolicy, sources: readonly Machine[], targets: readonly Machine[]): Ports {
  const parts = new Set<Ports>();
  for (const source of sources.flat())
    for (const target of targets) {
      const [first = NOTHING, ...rest] = target.map((each) => between(policy, source, each));
      parts.add(rest.reduce((all, one) => (all === one ? all : either(all, one)), first));
    }
  const [first = NOTHING, ...rest] = parts;
  return rest.reduce(common, first);
}

function either(ports: Ports, others: Ports): Ports {
  const all = new Map(ports);
  for (const [protocol, set] of others) all.set(protocol, unionPorts([ports.get(protocol) ?? [], set]));
  return new Map([...all].sort(([a], [b]) => a - b));
}

function between(policy: CompiledPolicy, source: Matched, target: Matched): Ports {
  let key = "";
  const rules: Rule[] = [];
  for (const index of source.rules) {
    if (source.matches[index] !== YES || target.matches[index] !== YES) continue;
    const rule = policy.rules[index] as Rule;
    if (rule.postures.length > 0 || rule.via.length > 0 || rule.openings.length === 0) continue;
    if (rule.isSelf && !isOwn(source.point, target.point)) continue;
    rules.push(rule);
    key += `${index} `;
  }
  if (rules.length === 0) return NOTHING;
  const known = remembered.get(policy) ?? new Map<string, Ports>();
  remembered.set(policy, known);
  const found = known.get(key) ?? portsOf(rules);
  known.set(key, found);
  return found;
}

function isOwn(source: Point, target: Point): boolean {
  return target.kind === "name" || (source.user !== undefined && source.user === target.user);
}

function portsOf(rules: readonly Rule[]): Ports {
  const sets = new Map<number, PortSet[]>([[1, [ALL_PORTS]]]);
  for (const { protocols, ports } of rules.flatMap(({ openings }) => openings))
    for (const protocol of protocols) {
      if (isIcmp(protocol) || (!hasPorts(protocol) && !isAllPorts(ports))) continue;
      sets.set(protocol, [...(sets.get(protocol) ?? []), ports]);
    }
  return new Map([...sets].sort(([a], [b]) => a - b).map(([protocol, ports]) => [protocol, unionPorts(ports)]));
}

function common(ports: Ports, others: Ports): Ports {
  const both = new Map<number, PortSet>();
  for (const [protocol, set] of ports) {
    const shared = commonPorts(set, others.get(protocol) ?? []);
    if (shared.length > 0) both.set(protocol, shared);
  }
  return both;
}
