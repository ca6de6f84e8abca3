import type { PolicyFile, SshRule } from "../language/policy-file";
import type { Doubt, ReachSubject } from "./can-reach";
import { CompiledPolicy } from "./compile";
import { doubtOf, matchAlias, MAYBE, NO, YES } from "./match";
import { resolveSubject } from "./resolve";
import { type Point, userName } from "./world";

/** Whether somebody may log in through Tailscale SSH. */
export interface Login {
  /**
   * `check`: after logging in to the tailnet again. `partly`: some of the source's machines get in to some of the destination's,
   * and others do not. `unknown`: what decides it cannot be evaluated.
   */
  readonly verdict: "accept" | "check" | "deny" | "partly" | "unknown";
  /** Rules that let somebody in, shape `ssh.1`. */
  readonly rules: readonly string[];
  /** What could not be evaluated and might let somebody in, or ask. */
  readonly unknown: readonly Doubt[];
}

type Outcome = "accept" | "check" | "deny" | "unknown";

interface Ordered {
  readonly rule: SshRule;
  readonly path: string;
}

/**
 * Tells whether all machines of a source may log in to all machines of a destination.
 *
 * The first rule that covers source, destination and login decides; those with `check` come first, whatever their place.
 * Whether packets arrive at all is the question of `canReach`, at port 22.
 *
 * @param policy - compiled with a list of machines where tags overlap or `autogroup:self` is asked for.
 * @param to - `autogroup:self` stands for the machines of the source's own user.
 * @param login - a user of the machine, such as `root`.
 * @see https://tailscale.com/kb/1193/tailscale-ssh
 */
export function canLogIn(
  policy: CompiledPolicy | PolicyFile,
  from: ReachSubject,
  to: ReachSubject,
  login: string,
): Login {
  const compiled = policy instanceof CompiledPolicy ? policy : new CompiledPolicy(policy);
  const source = resolveSubject(compiled, from);
  const target =
    to === "autogroup:self" ? { points: ownMachines(compiled, source.points) } : resolveSubject(compiled, to);
  const doubts = [source.doubt, target.doubt].flatMap((reason) =>
    reason === undefined ? [] : [{ path: "question", reason }],
  );
  if (source.points.length === 0 || target.points.length === 0)
    doubts.push({ path: "question", reason: "one of the two stands for no machine" });
  const question = new Question(orderedRules(compiled.policy), compiled, login);
  const outcomes = new Set(source.points.flatMap((src) => target.points.map((dst) => question.ask(src, dst))));
  const isUnknown = doubts.length > 0 || outcomes.has("unknown");
  return {
    verdict: isUnknown ? "unknown" : verdictOf(outcomes),
    rules: [...question.rules],
    unknown: [...doubts, ...question.doubts.values()],
  };
}

function verdictOf(outcomes: ReadonlySet<Outcome>): Login["verdict"] {
  if (outcomes.has("deny")) return outcomes.size === 1 ? "deny" : "partly";
  return outcomes.has("accept") ? "accept" : "check";
}

function orderedRules({ ssh = [] }: PolicyFile): readonly Ordered[] {
  const all = ssh.map((rule, index) => ({ rule, path: `ssh.${index}` }));
  return [...all.filter(({ rule }) => rule.action === "check"), ...all.filter(({ rule }) => rule.action !== "check")];
}

function ownMachines(compiled: CompiledPolicy, sources: readonly Point[]): readonly Point[] {
  const users = new Set(sources.flatMap(({ user, tags }) => (user === undefined || tags.size > 0 ? [] : [user])));
  return [...users].flatMap((user) => resolveSubject(compiled, user.includes("@") ? user : `${user}@`).points);
}

/** One login, asked for pairs of machines. */
class Question {
  public readonly rules = new Set<string>();
  public readonly doubts = new Map<string, Doubt>();

  constructor(
    private readonly ordered: readonly Ordered[],
    private readonly compiled: CompiledPolicy,
    private readonly login: string,
  ) {}

  /** What the first rule that covers the pair says. */
  public ask(source: Point, target: Point): Outcome {
    let isUnknown = false;
    for (const { rule, path } of this.ordered) {
      const doubts: string[] = [];
      const covers = [
        this.loginMatch(rule, source, doubts),
        this.sideMatch(rule.src, "src", source, doubts),
        this.targetMatch(rule, source, target, doubts),
      ];
      if (covers.includes(NO)) continue;
      if (rule.srcPosture !== undefined && rule.srcPosture.length > 0)
        doubts.push(`holds only where ${rule.srcPosture.join(" or ")} holds`);
      if (doubts.length === 0) {
        this.rules.add(path);
        return isUnknown ? "unknown" : rule.action;
      }
      isUnknown = true;
      for (const reason of doubts) this.doubts.set(`${path} ${reason}`, { path, reason });
    }
    return isUnknown ? "unknown" : "deny";
  }

  /** `autogroup:nonroot` is every login but root; `localpart:*@domain` the name of a user of the domain. */
  private loginMatch({ users }: SshRule, source: Point, doubts: string[]): typeof NO | typeof YES | typeof MAYBE {
    const { login } = this;
    if (users.includes(login) || (users.includes("autogroup:nonroot") && login !== "root")) return YES;
    const domains = users.flatMap((user) =>
      user.startsWith("localpart:*@") ? [user.slice("localpart:*@".length)] : [],
    );
    if (domains.length === 0 || source.tags.size > 0 || source.some === "autogroup:tagged") return NO;
    if (source.user !== undefined) {
      const isTheirs = domains.some((domain) => source.user?.toLowerCase() === `${login}@${domain}`.toLowerCase());
      return isTheirs ? YES : NO;
    }
    doubts.push(`nothing says whose name ${login} is`);
    return MAYBE;
  }

  private sideMatch(
    texts: readonly string[],
    side: "src" | "dst",
    point: Point,
    doubts: string[],
  ): typeof NO | typeof YES | typeof MAYBE {
    const maybe: string[] = [];
    for (const text of texts) {
      const alias = this.compiled.definitions.alias(text, side);
      const match = matchAlias(alias, point, this.compiled.known);
      if (match === YES) return YES;
      if (match !== NO) maybe.push(doubtOf(alias, point));
    }
    doubts.push(...maybe);
    return maybe.length === 0 ? NO : MAYBE;
  }

  private targetMatch(
    rule: SshRule,
    source: Point,
    target: Point,
    doubts: string[],
  ): typeof NO | typeof YES | typeof MAYBE {
    const others = rule.dst.filter((text) => text.trim() !== "autogroup:self");
    if (others.length < rule.dst.length && isOwn(source, target)) return YES;
    return this.sideMatch(others, "dst", target, doubts);
  }
}

/** Both machines belong to one user, and carry no tags. */
function isOwn(source: Point, target: Point): boolean {
  if (source.tags.size > 0 || target.tags.size > 0) return false;
  return source.user !== undefined && target.user !== undefined && userName(source.user) === userName(target.user);
}
