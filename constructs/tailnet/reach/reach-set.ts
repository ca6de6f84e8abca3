import { ALL_PORTS, commonPorts, hasPorts, isAllPorts, isIcmp, type PortSet, unionPorts } from "../language/ports";
import type { CompiledPolicy, Matched, Rule } from "./compile";
import { YES } from "./match";

/** Ports by protocol; ping stands under ICMP whatever its family, and protocols without ports have all or nothing. */
export type Ports = ReadonlyMap<number, PortSet>;

const NOTHING: Ports = new Map();
const remembered = new WeakMap<CompiledPolicy, Map<string, Ports>>();

/**
 * What every point of the sources may do at every point of the destinations, for sure and without condition.
 *
 * @returns the same object for the same rules.
 */
export function reachOf(policy: CompiledPolicy, sources: readonly Matched[], targets: readonly Matched[]): Ports {
  const parts = sources.flatMap((source) => targets.map((target) => between(policy, source, target)));
  const [first, ...rest] = parts;
  return rest.reduce((all, one) => (all === one ? all : common(all, one)), first ?? NOTHING);
}

function between(policy: CompiledPolicy, source: Matched, target: Matched): Ports {
  let key = "";
  const rules: Rule[] = [];
  for (const index of source.rules) {
    if (source.matches[index] !== YES || target.matches[index] !== YES) continue;
    const rule = policy.rules[index] as Rule;
    if (rule.postures.length > 0 || rule.via.length > 0 || rule.openings.length === 0) continue;
    // Whose machine it is only a question about two machines can tell.
    if (rule.isSelf && target.point.kind !== "name") continue;
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
