import type { Problem } from "../../core/problems";
import { CompiledPolicy } from "../reach/compile";
import { isSingle, parsePrefix } from "./addresses";
import { checkLogins } from "./check-logins";
import { checkPostures } from "./check-rules";
import { checkSubject } from "./check-subjects";
import { type Context, each, problem } from "./context";
import type { SshRule, SshTest } from "./policy-file";
import { parseSubject } from "./subjects";

/** Problems with `ssh` and `sshTests`. */
export function checkSsh(context: Context): Problem[] {
  const { ssh, sshTests = [] } = context.policy;
  if (sshTests.length === 0) return each(ssh, "ssh", (rule, path) => checkRule(rule, path, context));
  const compiled = new CompiledPolicy(context.policy, context);
  return [
    ...each(ssh, "ssh", (rule, path) => checkRule(rule, path, context)),
    ...each(sshTests, "sshTests", (test, path) => {
      const shape = checkTest(test, path, context);
      return shape.length > 0 ? shape : checkLogins(test, path, compiled, context);
    }),
  ];
}

function checkRule(rule: SshRule, path: string, context: Context): Problem[] {
  return [
    ...(["accept", "check"].includes(rule.action)
      ? []
      : [problem(`${path}.action`, "must be accept or check", rule.action, "write accept or check")]),
    ...(rule.users.length > 0
      ? []
      : [problem(`${path}.users`, "must name a login", rule.users, "add autogroup:nonroot")]),
    ...each(rule.users, `${path}.users`, (user, at) =>
      user.trim() === "" || user === "*"
        ? [problem(at, "must be a login, autogroup:nonroot or localpart:*@domain", user, "write autogroup:nonroot")]
        : [],
    ),
    ...each(rule.src, `${path}.src`, (text, at) => checkSubject(text, at, "sshSrc", context)),
    ...each(rule.dst, `${path}.dst`, (text, at) => [
      ...checkSubject(text, at, "sshDst", context),
      ...checkPair(rule.src, text, at),
    ]),
    ...each(rule.acceptEnv, `${path}.acceptEnv`, (name, at) =>
      name === "" ? [problem(at, "must be the name of a variable", name, "remove it")] : [],
    ),
    ...checkPeriod(rule, `${path}.checkPeriod`),
    ...checkPostures(rule.srcPosture, `${path}.srcPosture`, context),
  ];
}

/** Machines with tags do not log in to people's machines, and people only to their own. */
function checkPair(src: readonly string[], dst: string, path: string): Problem[] {
  const isTagged = src.some((text) => parseSubject(text).kind === "tag" || text.trim() === "autogroup:tagged");
  const isPeople = ["autogroup:self", "autogroup:member"].includes(dst.trim());
  if (parseSubject(dst).kind === "user")
    return src.every((text) => text.trim() === dst.trim())
      ? []
      : [problem(path, "must be the user of src alone", dst, "write autogroup:self")];
  return isPeople && isTagged ? [problem(path, "must be tags where src has tags", dst, "make two rules of it")] : [];
}

function checkPeriod({ action, checkPeriod }: SshRule, path: string): Problem[] {
  if (checkPeriod === undefined) return [];
  if (action !== "check")
    return [problem(path, "must go with action check only", checkPeriod, "remove it, or write check")];
  if (checkPeriod === "always") return [];
  const parts = [...checkPeriod.matchAll(/(\d+(?:\.\d+)?)(h|m|s)/g)];
  const seconds = parts.reduce(
    (sum, [, value, unit]) => sum + Number(value) * ({ h: 3600, m: 60, s: 1 }[unit ?? ""] ?? 0),
    0,
  );
  return parts.map(([text]) => text).join("") === checkPeriod && checkPeriod !== "" && seconds <= 168 * 3600
    ? []
    : [problem(path, "must be a duration up to 168h, or always", checkPeriod, "write it like 12h")];
}

function checkTest(test: SshTest, path: string, context: Context): Problem[] {
  const { hosts, tagOwners } = context.policy;
  return [
    ...(test.src.trim() === ""
      ? [problem(`${path}.src`, "must name who logs in", test.src, "name a user or tag")]
      : []),
    ...(test.dst.length === 0 ? [problem(`${path}.dst`, "must name a machine", test.dst, "name a tag")] : []),
    ...each(test.dst, `${path}.dst`, (text, at) => {
      const subject = parseSubject(text);
      const range = parsePrefix(subject.kind === "host" ? (hosts?.[text] ?? "") : text);
      const isUnknown = subject.kind === "tag" && tagOwners?.[subject.name] === undefined;
      if (isUnknown)
        return [problem(at, "must be a tag that `tagOwners` defines, without ports", text, "add it to tagOwners")];
      return (range !== undefined && !isSingle(range)) || text === "autogroup:internet"
        ? [problem(at, "must be one machine, or machines of one tag", text, "name a tag or an address")]
        : [];
    }),
  ];
}
