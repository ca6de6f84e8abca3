/**
 * What the reachability evaluator costs, in one process: a policy of 100 tags and 1,000 rules, 100,000 questions, and the
 * diff of two such policies. Prints text, or one line of JSON with `--json`.
 *
 * Run: npx tsx bench/reach.ts, or bundle it with esbuild.
 */
import { canReach } from "../constructs/tailnet/reach/can-reach";
import { compilePolicy } from "../constructs/tailnet/reach/compile";
import { reachabilityDiff } from "../constructs/tailnet/reach/diff";
import type { GrantRule, PolicyFile } from "../constructs/tailnet/language/policy-file";

const TAGS = 100;
const RULES = 1_000;
const QUESTIONS = 100_000;
const goals = { questions: 1, diff: 2, memory: 300 };

/** Numbers that look random and are the same in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

const tags = Array.from({ length: TAGS }, (_item, index) => `tag:t${index}`);
const pick = (random: (below: number) => number) => tags[random(TAGS)] ?? "";

function policy(seed: number): PolicyFile {
  const random = generator(seed);
  const grants = Array.from({ length: RULES }, (): GrantRule => {
    const port = 1 + random(60_000);
    const ip = [`tcp:${port}`, `udp:${port}-${port + random(100)}`, `${port}`][random(3)] ?? "*";
    return {
      src: [pick(random), pick(random)],
      dst: [pick(random), pick(random)],
      ip: [ip, `tcp:${1 + random(60_000)}`],
    };
  });
  return { tagOwners: Object.fromEntries(tags.map((tag) => [tag, ["autogroup:admin"]])), grants };
}

/** Seconds of wall time. */
function time(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

const before = policy(1);
/** A tenth of the rules is other. */
const other = policy(2).grants ?? [];
const after = {
  ...before,
  grants: (before.grants ?? []).map((rule, index) => (index % 10 === 0 ? (other[index] ?? rule) : rule)),
};

const random = generator(3);
/** Every other question is about a rule, and so has something to find. */
const points = Array.from({ length: QUESTIONS }, (_item, index) => {
  const rule = before.grants?.[random(RULES)];
  if (index % 2 === 0 || rule === undefined) return [pick(random), pick(random), 1 + random(60_000)] as const;
  return [rule.src[0] ?? "", rule.dst[0] ?? "", Number(/\d+$/.exec(rule.ip?.[1] ?? "")?.[0] ?? 1)] as const;
});
let open = 0;
const compile = time(() => void compilePolicy(before));
const questions = time(() => {
  const compiled = compilePolicy(before);
  for (const [from, to, port] of points) if (canReach(compiled, from, to, "tcp", port).verdict === "open") open += 1;
});
let changes = 0;
const diff = time(() => void (changes = reachabilityDiff(before, after).changes.length));
const unlike = time(() => void reachabilityDiff(before, policy(2)));
const rss = process.resourceUsage().maxRSS / 1024;

const figures = {
  tags: TAGS,
  rules: RULES,
  count: QUESTIONS,
  compile,
  questions,
  open,
  diff,
  changes,
  unlike,
  rss,
  goals,
};
const verdict = (value: number, goal: number) => `(goal ${goal}: ${value <= goal ? "met" : "missed"})`;
const text = [
  `${TAGS} tags, ${RULES} rules, Node ${process.versions.node}`,
  `  ${QUESTIONS} questions, with compiling, s  ${questions.toFixed(3)}  ${verdict(questions, goals.questions)}`,
  `  diff, a tenth of the rules changed, s   ${diff.toFixed(3)}  ${verdict(diff, goals.diff)}  ${changes} changes`,
  `  diff, all rules changed, s              ${unlike.toFixed(3)}  ${verdict(unlike, goals.diff)}`,
  `  peak memory of the process, MiB         ${rss.toFixed(0)}  ${verdict(rss, goals.memory)}`,
];
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(figures)}\n` : `${text.join("\n")}\n`);
