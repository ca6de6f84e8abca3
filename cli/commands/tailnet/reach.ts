import { Command } from "commander";
import { formatProblem, type Problem } from "../../../constructs/core/problems";
import type { AnnotatedPolicy } from "../../../constructs/tailnet/fleet-policy/reasoned";
import { parseProtocol } from "../../../constructs/tailnet/language/ports";
import { annotatedPolicy } from "../../../constructs/tailnet/policy";
import { policyOptions } from "../../../constructs/tailnet/policy-problems";
import { canReach, type Reach } from "../../../constructs/tailnet/reach/can-reach";
import { type CompiledPolicy, compilePolicy } from "../../../constructs/tailnet/reach/compile";
import {
  type Endpoint,
  fleetNames,
  meaningsOf,
  type NamedSubjects,
} from "../../../constructs/tailnet/reach/fleet-names";
import type { Fleet } from "../../../model/types";
import { UserError } from "../../../ops/errors";
import { printError } from "../../print";
import { type Cli, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../../shared";

/** One question, and its answer. */
interface Asked extends Reach {
  readonly from: string;
  readonly to: string;
  readonly protocol?: string;
  readonly port?: number;
}

const EXIT_CODES = { open: 0, closed: 1, unknown: 2 } as const;

/** `steppe tailnet reach`: may one reach the other, and by which rule. */
export function reachCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("reach")))
    .description(
      "may one reach the other by the fleet's policy, and by which rule; exits with 0 where it may, 1 where not, 2 where it cannot be told",
    )
    .argument("<from>", "machine, pool, servers, operators, or a tag, user, group, address of the policy")
    .argument("<to>", "the same, or a service")
    .argument("[proto]", "tcp, udp, icmp, ... (default: the service's, else any)")
    .argument("[port]", "1 to 65535 (default: the service's, else any)")
    .action(
      (from: string, to: string, proto: string | undefined, port: string | undefined, _options, self: Command) => {
        try {
          const options = optionsOf(self);
          const { fleet } = fleetOf(cli, options);
          const annotated = annotatedPolicy(fleet);
          const question = read(fleet, annotated, { from, to, proto, port });
          const asked = ask(fleet, annotated, question);
          const verdict = overall(asked);
          if (options.json === true) cli.output.out(JSON.stringify({ from, to, verdict, questions: asked }, null, 2));
          else for (const line of asked.flatMap((each) => lines(each, annotated))) cli.output.out(line);
          cli.exitWith(EXIT_CODES[verdict]);
        } catch (error) {
          // 1 says that the way is closed, so what could not even be asked must end otherwise.
          printError(error, cli.output, cli.env["STEPPE_DEBUG"] === "1");
          cli.exitWith(2);
        }
      },
    );
  return withExamples(
    command,
    "tailnet reach edge vllm --fleet example                          # on the service's port",
    "tailnet reach fra-gpu-1 fra-server-1 tcp 4647 --fleet example",
    "tailnet reach ada@example.com tag:nomad-server tcp 22 --fleet example --json",
  );
}

interface Words {
  readonly from: string;
  readonly to: string;
  readonly proto: string | undefined;
  readonly port: string | undefined;
}

interface Question {
  readonly from: NamedSubjects;
  readonly to: NamedSubjects;
  readonly endpoints: readonly Partial<Endpoint>[];
}

function read(fleet: Fleet, { policy }: AnnotatedPolicy, { from, to, proto, port }: Words): Question {
  const problems: Problem[] = [];
  const named = (path: string, name: string): NamedSubjects | undefined => {
    const [first, ...others] = meaningsOf(fleet, policy, name);
    if (first === undefined)
      problems.push({
        path,
        rule: "must be a name of the fleet or of its policy",
        got: name,
        fix: `use a tag, user, group, address, or one of: ${fleetNames(fleet).join(", ")}`,
      });
    if (others.length > 0)
      problems.push({
        path,
        rule: `has several meanings: ${[first, ...others].map((each) => each?.text).join(", ")}`,
        got: name,
        fix: `choose one: ${[first, ...others].map((each) => each?.text.replace(" ", ":")).join(" or ")}`,
      });
    return first;
  };
  const [source, target] = [named("from", from), named("to", to)];
  if (proto !== undefined && parseProtocol(proto) === undefined)
    problems.push({
      path: "proto",
      rule: "must be a protocol's name or number",
      got: proto,
      fix: "write tcp, udp or icmp",
    });
  const number = Number(port ?? 1);
  if (!Number.isInteger(number) || number < 1 || number > 65535)
    problems.push({ path: "port", rule: "must be a port from 1 to 65535", got: port, fix: "give one port" });
  if (source === undefined || target === undefined || problems.length > 0)
    throw new UserError("the question cannot be asked", [], problems);
  const given = { ...(proto !== undefined && { protocol: proto }), ...(port !== undefined && { port: number }) };
  return { from: source, to: target, endpoints: proto === undefined ? (target.endpoints ?? [given]) : [given] };
}

function ask(fleet: Fleet, { policy }: AnnotatedPolicy, { from, to, endpoints }: Question): Asked[] {
  const approvedRoutes = Object.keys(policy.autoApprovers?.routes ?? {});
  const compiled: CompiledPolicy = compilePolicy(policy, { ...policyOptions(fleet), approvedRoutes });
  return from.subjects.flatMap((source) =>
    to.subjects.flatMap((target) =>
      endpoints.map(({ protocol, port }) => ({
        from: source.text,
        to: target.text,
        ...(protocol !== undefined && { protocol }),
        ...(port !== undefined && { port }),
        ...canReach(compiled, source.subject, target.subject, protocol, port),
      })),
    ),
  );
}

function overall(asked: readonly Asked[]): Reach["verdict"] {
  if (asked.some(({ verdict }) => verdict === "closed")) return "closed";
  return asked.every(({ verdict }) => verdict === "open") ? "open" : "unknown";
}

function lines(
  { from, to, protocol, port, verdict, rules, via, partly, unknown }: Asked,
  annotated: AnnotatedPolicy,
): string[] {
  const way = [protocol ?? "any protocol", ...(port === undefined ? [] : [String(port)])].join(" ");
  const why = (path: string): string => {
    const reason = annotated.reasons.get(path);
    return `  ${path}${reason === undefined ? "" : `: ${reason.reason} (${reason.from})`}`;
  };
  return [
    `${from} to ${to}, ${way}: ${verdict}${via === undefined ? "" : `, by way of ${via.join(" or ")}`}`,
    ...rules.map(why),
    ...partly.map((path) => `  for a part only by${why(path).slice(1)}`),
    ...unknown.map(({ path, reason }) => `  not known: ${formatProblem({ path, rule: reason })}`),
  ];
}
