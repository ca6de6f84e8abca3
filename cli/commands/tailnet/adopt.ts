import { existsSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { Command } from "commander";
import { isError } from "../../../constructs/core/problems";
import { mergePolicies } from "../../../constructs/tailnet/adopt/merge";
import { adoptPolicy } from "../../../constructs/tailnet/adopt/problems";
import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { ownPolicy } from "../../../constructs/tailnet/policy";
import { policyOptions } from "../../../constructs/tailnet/policy-problems";
import { diffLines, reachabilityDiff } from "../../../constructs/tailnet/reach/diff";
import { UserError } from "../../../ops/errors";
import type { SelectedFleet } from "../../../ops/fleet";
import { readOptional } from "../../../ops/trust/directory";
import { readLivePolicy, readPolicyFile, type ReadPolicy } from "../../../ops/tailnet/read-policy";
import { policyDiff } from "../../../ops/tailnet/text-diff";
import { controlPlaneFor } from "../../control-plane";
import { printWarnings } from "../../print";
import { type Cli, type FleetOptions, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../../shared";
import { printDiff } from "./diff";

interface AdoptOptions extends FleetOptions {
  readonly file?: string;
  readonly drop?: readonly string[];
  readonly force?: boolean;
}

const several = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** `steppe tailnet adopt`: keeps the policy that a tailnet has, and adds what the fleet needs. */
export function adoptCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("adopt")))
    .description(
      "read the policy that a tailnet has already, show what the fleet's adds to it, and write it down for the fleet; changes nothing in the tailnet",
    )
    .option("--file <file>", "the policy, HuJSON or JSON (default: that of the control plane)")
    .option("--drop <path=reason>", "leave out what stands at a path of it, such as acls.0; may be repeated", several)
    .option("--force", "overwrite a policy that was written down before and differs")
    .action(async (_options, self: Command) => {
      const options: AdoptOptions = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const { fleet } = chosen;
      const dropped = { ...fleet.tailnet.adopted?.dropped, ...droppedBy(options.drop ?? []) };
      const old = await oldPolicy(cli, chosen, options.file);
      const checks = policyOptions(fleet);
      const adopted = { policy: old.policy as Readonly<Record<string, unknown>>, dropped };
      const { policy, problems } = adoptPolicy(adopted, ownPolicy(fleet).policy, checks);
      const errors = problems.filter(isError);
      if (errors.length > 0)
        throw new UserError(`the policy of ${old.name} cannot be adopted as it is`, adviceOf(dropped), errors);
      const reach = reachabilityDiff(old.policy, policy, checks);
      const after = { name: `${old.name}, with fleet ${fleet.name}`, policy };
      const text = await policyDiff(old, after, cli.env);
      const file = writeAdopted(cli, chosen, old.policy, options.force === true);
      if (options.json === true) {
        cli.output.out(JSON.stringify({ file, dropped, problems, reach, text }, null, 2));
        return;
      }
      printWarnings(problems, cli.output);
      printDiff(cli, old.name, diffLines(reach), text);
      cli.output.out(`\n${instructions(file, dropped, fleet.tailnet.adopted !== undefined)}`);
    });
  return withExamples(
    command,
    "tailnet adopt --fleet example",
    "tailnet adopt --file policy.hujson --drop 'acls.0=allowed everything to everyone' --fleet example",
  );
}

function droppedBy(options: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => {
      const at = option.indexOf("=");
      const [path, reason] = [option.slice(0, at), option.slice(at + 1).trim()];
      if (at > 0 && reason !== "") return [path, reason];
      throw new UserError(`--drop must be a path and a reason, got ${JSON.stringify(option)}`, [
        "write it like --drop 'acls.0=allowed everything to everyone'",
      ]);
    }),
  );
}

async function oldPolicy(cli: Cli, chosen: SelectedFleet, file: string | undefined): Promise<ReadPolicy> {
  const old = file === undefined ? await readLivePolicy(await controlPlaneFor(cli, chosen)) : readPolicyFile(file);
  // Adopted, the fleet's own rules would stay after the fleet has given them up.
  const own = ownPolicy(chosen.fleet).policy;
  const { policy } = mergePolicies({ policy: old.policy as Readonly<Record<string, unknown>> }, own);
  const holdsOwn = policy.grants?.length === old.policy.grants?.length;
  if (holdsOwn || /^\s*\/\/ The policy of fleet \S+, made by Steppe/.test(old.text))
    throw new UserError(`the policy of ${old.name} is one that Steppe made`, [
      "there is nothing to adopt; ./steppe tailnet diff shows how it differs from the fleet's",
    ]);
  return old;
}

function adviceOf(dropped: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(dropped).map(([path, reason]) => `--drop '${path}=${reason}'`);
  return [
    `to leave something out give its path and a reason, next to what is left out already: ${[...given, "--drop '<path>=<reason>'"].join(" ")}`,
    "nothing was written",
  ];
}

function writeAdopted(cli: Cli, { fleet }: SelectedFleet, policy: PolicyFile, force: boolean): string {
  const path = join(cli.project, "fleets", `${fleet.name}.tailnet-policy.json`);
  const text = `${JSON.stringify(policy, null, 2)}\n`;
  if (existsSync(path) && readOptional(path) !== text && !force)
    throw new UserError(`${path} holds another policy`, ["add --force to overwrite it", "or remove it"]);
  writeFileSync(path, text);
  return relative(cli.project, path);
}

function instructions(file: string, dropped: Readonly<Record<string, string>>, isThere: boolean): string {
  const entries = Object.entries(dropped).map(([path, reason]) => `${JSON.stringify(path)}: ${JSON.stringify(reason)}`);
  const reasons = entries.length === 0 ? "" : `, dropped: { ${entries.join(", ")} }`;
  return [
    `wrote ${file}; ${isThere ? "see that the fleet has" : "add to the fleet"}:`,
    "",
    `  import adopted from "./${basename(file)}";`,
    `  tailnet: { ..., adopted: { policy: adopted${reasons} } },`,
    "",
    "then ./steppe check, and ./steppe plan tailnet shows the policy as an import with its changes",
  ].join("\n");
}
