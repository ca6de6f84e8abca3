import type { Problem } from "../../core/problems";
import { canReach, type Reach } from "../reach/can-reach";
import { CompiledPolicy } from "../reach/compile";
import { testView } from "../reach/test-view";
import { isSingle, parsePrefix } from "./addresses";
import { checkSubject } from "./check-subjects";
import { type Context, each, problem, warning } from "./context";
import type { AccessTest } from "./policy-file";
import { hasPorts, parsePorts, parseProtocol, PortError } from "./ports";
import { parseSubject, splitDestination } from "./subjects";

/** Problems with `tests`: their shape, and what they claim against the rules. */
export function checkTests(context: Context): Problem[] {
  const { policy, isHeadscale } = context;
  const compiled = new CompiledPolicy(isHeadscale ? testView(policy) : policy, context);
  return each(policy.tests, "tests", (test, path) => {
    const shape = checkShape(test, path, context);
    if (shape.some(({ severity }) => severity !== "warning")) return shape;
    const claims = (["accept", "deny"] as const).flatMap((claim) =>
      each(test[claim], `${path}.${claim}`, (text, at) => checkClaim(test, claim, text, at, { ...context, compiled })),
    );
    return [...shape, ...claims];
  });
}

function checkShape(test: AccessTest, path: string, context: Context): Problem[] {
  const src = typeof (test.src as unknown) === "string" ? test.src : "";
  const protocol = test.proto === undefined || test.proto === "" ? 6 : parseProtocol(test.proto);
  return [
    ...(src === ""
      ? [problem(`${path}.src`, "must name one source", test.src, "name a tag, user, group or address")]
      : []),
    ...(src === "" ? [] : checkSubject(src, `${path}.src`, "src", context)),
    ...(protocol !== undefined && hasPorts(protocol)
      ? []
      : [
          problem(`${path}.proto`, "must be tcp, udp or sctp", test.proto, "leave it out for any of TCP, UDP and ICMP"),
        ]),
    ...((test.accept ?? []).length + (test.deny ?? []).length > 0
      ? []
      : [problem(path, "must have accept or deny", undefined, "claim something, or remove the test")]),
    ...(["accept", "deny"] as const).flatMap((claim) =>
      each(test[claim], `${path}.${claim}`, (text, at) => checkDestination(text, at, context)),
    ),
  ];
}

function checkDestination(text: string, path: string, context: Context): Problem[] {
  const split = splitDestination(text);
  if (split === undefined)
    return [problem(path, "must be a destination and a port", text, "write it like tag:web:443")];
  const subject = parseSubject(split.subject);
  const range = parsePrefix(subject.kind === "host" ? (context.policy.hosts?.[subject.name] ?? "") : split.subject);
  const isRange =
    (range !== undefined && !isSingle(range)) || (subject.kind === "address" && split.subject.includes("/"));
  return [
    ...checkSubject(split.subject, path, "dst", context),
    ...(isRange ? [problem(path, "must be one address, not a range", text, "name an address in it")] : []),
    ...(["autogroup:internet", "autogroup:self"].includes(split.subject)
      ? [problem(path, "must be machines that a test can look at", text, "name an address or a user")]
      : []),
    ...checkPort(split.ports, path, text),
  ];
}

function checkPort(ports: string, path: string, text: string): Problem[] {
  try {
    const [from, to] = parsePorts(ports);
    if (from === to && /^\d+$/.test(ports)) return [];
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
  }
  return [problem(path, "must have one port from 1 to 65535", text, "make a claim for each port")];
}

function checkClaim(
  test: AccessTest,
  claim: "accept" | "deny",
  text: string,
  path: string,
  { compiled, devices }: Context & { readonly compiled: CompiledPolicy },
): Problem[] {
  const { subject = "", ports = "" } = splitDestination(text) ?? {};
  const answer = canReach(compiled, test.src, subject, test.proto, Number(ports));
  const got = `${test.src} to ${text}`;
  if (answer.verdict === "unknown")
    return [warning(path, `cannot be evaluated: ${reasonsOf(answer)}`, got, "see that the control server takes it")];
  if (claim === "deny")
    return answer.verdict === "closed"
      ? []
      : [
          problem(
            path,
            `must hold, and ${answer.rules.join(" and ")} opens it`,
            got,
            "narrow that rule, or drop the claim",
          ),
        ];
  if (answer.verdict === "open") return [];
  // A machine carries several tags, and only a list of machines tells which.
  const isSure = devices !== undefined || [test.src, subject].every((each) => parseSubject(each).kind !== "tag");
  const part = answer.partly.length > 0 ? `, but for a part by ${answer.partly.join(" and ")}` : "";
  return isSure
    ? [problem(path, `must hold, and no rule opens it${part}`, got, "add a grant, or drop the claim")]
    : [
        warning(
          path,
          `should hold, and no rule opens it${part} for machines of this tag alone`,
          got,
          "pass the list of machines",
        ),
      ];
}

function reasonsOf({ unknown }: Reach): string {
  return unknown.map(({ path, reason }) => (path === "question" ? reason : `${path} ${reason}`)).join("; ");
}
