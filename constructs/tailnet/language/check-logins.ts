import type { Problem } from "../../core/problems";
import type { CompiledPolicy } from "../reach/compile";
import { canLogIn, type Login } from "../reach/ssh";
import { type Context, each, problem, warning } from "./context";
import type { SshTest } from "./policy-file";
import { parseSubject } from "./subjects";

const CLAIMS = ["accept", "check", "deny"] as const;

/** What each claim takes: who is asked again gets in as well. */
const holds: Readonly<Record<(typeof CLAIMS)[number], readonly Login["verdict"][]>> = {
  accept: ["accept", "check"],
  check: ["check"],
  deny: ["deny"],
};

/** Problems with what a test of `sshTests` claims against the rules of `ssh`. */
export function checkLogins(test: SshTest, path: string, compiled: CompiledPolicy, { devices }: Context): Problem[] {
  if (CLAIMS.every((claim) => (test[claim] ?? []).length === 0))
    return [problem(path, "must have accept, check or deny", undefined, "claim something, or remove the test")];
  const isSure =
    devices !== undefined || [test.src, ...test.dst].every((subject) => parseSubject(subject).kind !== "tag");
  return CLAIMS.flatMap((claim) =>
    each(test[claim], `${path}.${claim}`, (login, at) =>
      test.dst.flatMap((dst) => {
        const answer = canLogIn(compiled, test.src, dst, login);
        if (holds[claim].includes(answer.verdict)) return [];
        const got = `${test.src} to ${dst} as ${login}`;
        if (answer.verdict === "unknown") {
          const reasons = answer.unknown.map(({ path: from, reason }) =>
            from === "question" ? reason : `${from} ${reason}`,
          );
          const rule = `cannot be evaluated: ${[...new Set(reasons)].join("; ")}`;
          return [warning(at, rule, got, "see that the control server takes it")];
        }
        const add = isSure || claim === "deny" ? problem : warning;
        return [add(at, `must hold, and ${wordsOf(answer)}`, got, "change the rules of ssh, or drop the claim")];
      }),
    ),
  );
}

function wordsOf({ verdict, rules }: Login): string {
  const by = rules.join(" and ");
  switch (verdict) {
    case "accept":
      return `${by} lets in without a check`;
    case "check":
      return `${by} lets in after a check`;
    case "partly":
      return `${by} lets in a part of them`;
    case "deny":
    case "unknown":
      return "no rule lets in";
  }
}
