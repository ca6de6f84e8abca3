import type { PolicyFile, SshRule } from "../../../constructs/tailnet/language/policy-file";
import { Choices } from "./lists";
import { definitions, tags, users } from "./tailnet";

/** Logins that rules and questions are about. */
export const logins = ["root", "steppe", "ubuntu", "backup"] as const;

const people = [...users.map((user) => `${user}@`), "group:dev", "group:ops", "autogroup:member"];
const machines = [...tags.filter((tag) => tag !== "tag:empty"), "autogroup:tagged"];

/** Sources of questions. */
export const loginSources = [...people, ...machines, "webhost", "100.64.0.4"];

/** A policy with rules of Tailscale SSH that headscale takes; the same for the same seed. */
export function generatedSsh(seed: number): PolicyFile {
  const choices = new Choices(seed * 977 + 13);
  const count = 1 + choices.below(5);
  return { ...definitions, acls: [], ssh: Array.from({ length: count }, () => ruleOf(choices)) };
}

function ruleOf(choices: Choices): SshRule {
  const action = choices.one(["accept", "check"] as const);
  const given = choices.some([...logins, "autogroup:nonroot"], 3);
  const period = action === "check" && choices.once(2) ? { checkPeriod: choices.one(["1h", "12h", "always"]) } : {};
  const rest = { action, users: given, ...period };
  if (choices.once(4)) return { ...rest, ...ownRule(choices) };
  const src = choices.some(choices.once(2) ? people : [...people, ...machines], 3);
  return { ...rest, src, dst: choices.some(machines, 2) };
}

/** People at their own machines, or at those of one of them. */
function ownRule(choices: Choices): Pick<SshRule, "src" | "dst"> {
  const user = choices.one(people.slice(0, users.length));
  return choices.once(2)
    ? { src: [user], dst: [user] }
    : { src: choices.some(people, 2), dst: [choices.one(["autogroup:self", "autogroup:member"])] };
}
