import type { Constraint } from "../placement";
import { both, compareSides, type Side, type Tri } from "./compare";
import type { Check, Findings, Reason } from "./findings";
import { type PoolFacts, resolve } from "./pool-facts";

const HOST_NAME = "${node.unique.name}";
const ARCHITECTURE = new Set(["${attr.cpu.arch}", "${attr.kernel.arch}"]);

/** A pool and those of its machines that are left. */
export interface Candidates {
  readonly facts: PoolFacts;
  hosts: readonly string[] | undefined;
}

/** Checks a list of constraints, those for single machines too; `distinct_*` are looked at when machines are counted. */
export function checkConstraints(
  findings: Findings,
  candidates: Candidates,
  check: Check,
  path: string,
  constraints: readonly Constraint[] | undefined,
): void {
  constraints?.forEach((constraint, index) => {
    if (constraint.operator === "distinct_hosts" || constraint.operator === "distinct_property") return;
    const at = `${path}constraints.${index}`;
    const attribute = constraint.attribute as string;
    const verdict = ofMachines(findings, candidates, (host) => holds(constraint, candidates.facts, host), constraint);
    if (verdict === false) findings.fail(refusal(check, at, constraint, candidates));
    else if (verdict === undefined) {
      const unknown = `${attribute} on the machines of pool ${candidates.facts.name}`;
      findings.doubt({ check, path: at, unknown });
    }
  });
}

type Compared = Exclude<Constraint, { operator: "distinct_hosts" | "distinct_property" }>;

function holds(constraint: Compared, facts: PoolFacts, host?: string): Tri {
  const [left, right] = sidesOf(constraint, facts, host);
  return compareSides(constraint.operator ?? "=", left, right);
}

function sidesOf(constraint: Compared, facts: PoolFacts, host?: string): readonly [Side, Side] {
  return [resolve(constraint.attribute, facts, host), resolve(constraint.value ?? "", facts, host)];
}

/** Asks every machine where machines differ, and keeps those that may do. */
function ofMachines(findings: Findings, candidates: Candidates, ask: (host?: string) => Tri, about: Compared): Tri {
  if ((about.attribute as string) !== HOST_NAME && about.value !== HOST_NAME) return ask();
  if (candidates.hosts === undefined) {
    const answer = ask();
    if (answer === undefined) findings.machines = { ...findings.machines, atLeast: 0 };
    return answer;
  }
  const left = candidates.hosts.filter((host) => ask(host) !== false);
  if (left.length === 0 && candidates.hosts.length > 0) return false;
  const sure = left.filter((host) => ask(host) === true).length;
  candidates.hosts = left;
  findings.machines = { atLeast: Math.min(findings.machines.atLeast, sure), atMost: left.length };
  return sure === left.length ? true : both(undefined, true);
}

function refusal(check: Check, path: string, constraint: Compared, { facts }: Candidates): Reason {
  const operator = constraint.operator ?? "=";
  const attribute = constraint.attribute as string;
  const side = resolve(attribute, facts);
  const isHost = attribute === HOST_NAME || constraint.value === HOST_NAME;
  const found = side.text === undefined ? "not set" : side.text === "" ? "empty" : side.text;
  const machines = facts.hosts?.join(", ") ?? "";
  const wanted = constraint.value === undefined ? operator : `${operator} ${constraint.value}`;
  const [, metaKey] = /^\$\{meta\.(.+)\}$/.exec(attribute) ?? [];
  return {
    check,
    kind: ARCHITECTURE.has(attribute) ? "architecture" : "constraint",
    path,
    rule: isHost
      ? `cannot be met in pool ${facts.name}, whose machines are ${machines}`
      : `cannot be met in pool ${facts.name}, where ${attribute} is ${found}`,
    got: operator === "=" ? constraint.value : wanted,
    fix:
      metaKey !== undefined && found === "not set"
        ? `set ${JSON.stringify(metaKey)} in pools.${facts.name}.nodeMeta, or use another pool`
        : "change it, or use another pool",
    short: `${attribute} ${wanted}`,
  };
}

/** Counts what `distinct_hosts` allows. Only the first of a list counts. */
export function wantsDistinctHosts(constraints: readonly Constraint[] | undefined): boolean {
  const found = constraints?.find((constraint) => constraint.operator === "distinct_hosts");
  return found !== undefined && !/^(0|f|F|false|FALSE|False)$/.test(found.value ?? "");
}

/** One allocation per machine where the job or the group asks for it. */
export function checkDistinctHosts(
  findings: Findings,
  { facts }: Candidates,
  path: string,
  constraints: readonly Constraint[] | undefined,
): void {
  if (!wantsDistinctHosts(constraints)) return;
  const index = constraints?.findIndex((constraint) => constraint.operator === "distinct_hosts") ?? 0;
  findings.limit({
    per: "machine",
    atLeast: 1,
    atMost: 1,
    reason: () => ({
      check: "distinctHosts",
      kind: "machines",
      path: `${path}constraints.${index}`,
      rule: `allows no more allocations than pool ${facts.name} has machines`,
      got: `${findings.machines.atMost} of them`,
      fix: "lower count, or add machines",
      short: "distinct_hosts",
    }),
  });
}

/** So many allocations per value of an attribute. */
export function checkDistinctProperty(
  findings: Findings,
  { facts }: Candidates,
  path: string,
  constraints: readonly Constraint[] | undefined,
): void {
  constraints?.forEach((constraint, index) => {
    if (constraint.operator !== "distinct_property") return;
    const { attribute, value = "" } = constraint;
    const allowed = value === "" ? 1 : Number(value);
    if (!Number.isInteger(allowed) || allowed < 0) return;
    const at = `${path}constraints.${index}`;
    const base = {
      check: "distinctProperty",
      kind: "constraint",
      path: at,
      short: `distinct_property ${attribute}`,
    } as const;
    const side = resolve(attribute, facts);
    const doubt = () => ({
      check: base.check,
      path: at,
      unknown: `how many values ${attribute} has in pool ${facts.name}`,
    });
    if (side.text === undefined && side.isSet === false) {
      findings.fail({
        ...base,
        rule: `cannot be met in pool ${facts.name}, where ${attribute} is not set`,
        got: attribute,
        fix: "use another attribute, or another pool",
      });
      return;
    }
    const perMachine = /^\$\{(node\.unique\.(name|id)|attr\.unique\.hostname)\}$/.test(attribute);
    const reason = (): Reason => ({
      ...base,
      rule: perMachine
        ? `allows ${allowed} on each machine of pool ${facts.name}`
        : `allows ${allowed} in pool ${facts.name}, where ${attribute} is ${side.text ?? "unknown"} on every machine`,
      got: attribute,
      fix: "lower count, or raise its value",
    });
    if (perMachine) findings.limit({ per: "machine", atLeast: allowed, atMost: allowed, reason });
    else if (side.text !== undefined) findings.limit({ per: "pool", atLeast: allowed, atMost: allowed, reason });
    else {
      if (side.isSet === undefined) findings.doubt(doubt());
      const atMost = allowed === 0 ? 0 : allowed * findings.machines.atMost;
      findings.limit({ per: "pool", atLeast: allowed, atMost, reason, doubt });
    }
  });
}
