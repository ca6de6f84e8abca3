import type { Problem } from "../../core/problems";
import type { AccessTest, GrantRule, PolicyFile, SshRule, SshTest } from "../language/policy-file";

/** A rule of a policy, or an entry of one of its maps, with why it is there. */
export interface Reasoned<Rule> {
  readonly rule: Rule;
  /** One sentence for the reviewer, without a full stop. It stands above the rule in the policy file. */
  readonly reason: string;
  /** What in the fleet asks for it. Shape: `services.vllm`. */
  readonly from: string;
}

/** A section whose entries have names. */
export type NamedRules<Rule> = Readonly<Record<string, Reasoned<Rule>>>;

/** The sections of a policy file that a fleet writes, every rule with its reason. */
export interface ReasonedPolicy {
  readonly groups: NamedRules<readonly string[]>;
  readonly hosts: NamedRules<string>;
  readonly tagOwners: NamedRules<readonly string[]>;
  readonly grants: readonly Reasoned<GrantRule>[];
  readonly ssh: readonly Reasoned<SshRule>[];
  /** `autoApprovers.routes`. */
  readonly routes: NamedRules<readonly string[]>;
  readonly tests: readonly Reasoned<AccessTest>[];
  readonly sshTests: readonly Reasoned<SshTest>[];
}

/** A policy document of a fleet: these sections are always there. */
export interface TailnetPolicy extends PolicyFile {
  readonly tagOwners: Readonly<Record<string, readonly string[]>>;
  readonly grants: readonly GrantRule[];
}

/** A policy document and why each of its rules is there. */
export interface AnnotatedPolicy {
  readonly policy: TailnetPolicy;
  /** By path, as problems of a policy name it: `grants.3`, `tagOwners.tag:nomad-server`. */
  readonly reasons: ReadonlyMap<string, Reasoned<unknown>>;
}

/** The policy document, its sections in the order in which people read them; empty ones are left out, but for `grants`. */
export function annotated(policy: ReasonedPolicy): AnnotatedPolicy {
  const reasons = new Map<string, Reasoned<unknown>>();
  const list = <Rule>(section: string, rules: readonly Reasoned<Rule>[]): readonly Rule[] | undefined => {
    rules.forEach((rule, index) => reasons.set(`${section}.${index}`, rule));
    return rules.length === 0 ? undefined : rules.map(({ rule }) => rule);
  };
  const map = <Rule>(section: string, rules: NamedRules<Rule>): Readonly<Record<string, Rule>> | undefined => {
    const entries = Object.entries(rules);
    for (const [name, rule] of entries) reasons.set(`${section}.${name}`, rule);
    return entries.length === 0 ? undefined : plain(rules);
  };
  const routes = map("autoApprovers.routes", policy.routes);
  const sections = {
    groups: map("groups", policy.groups),
    hosts: map("hosts", policy.hosts),
    tagOwners: map("tagOwners", policy.tagOwners) ?? {},
    grants: list("grants", policy.grants) ?? [],
    ssh: list("ssh", policy.ssh),
    autoApprovers: routes === undefined ? undefined : { routes },
    tests: list("tests", policy.tests),
    sshTests: list("sshTests", policy.sshTests),
  };
  return { policy: defined(sections), reasons };
}

type Defined<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> };

/** What is there, without keys that lead to nothing. */
function defined<T extends object>(sections: T): Defined<T> {
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => section !== undefined)) as Defined<T>;
}

/** A section without its reasons. */
export function plain<Rule>(rules: NamedRules<Rule>): Readonly<Record<string, Rule>> {
  return Object.fromEntries(Object.entries(rules).map(([name, { rule }]) => [name, rule]));
}

/** Problems of a policy whose paths say what in the fleet the rule comes from: `grants.3.src.1 (tailnet.extraGrants[0])`. */
export function withOrigins(problems: readonly Problem[], { reasons }: AnnotatedPolicy): Problem[] {
  return problems.map((problem) => {
    const origin = [...reasons].find(([path]) => problem.path === path || problem.path.startsWith(`${path}.`))?.[1];
    return origin === undefined ? problem : { ...problem, path: `${problem.path} (${origin.from})` };
  });
}
