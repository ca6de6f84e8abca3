import { Command } from "commander";
import { tailnetPolicy } from "../../../constructs/tailnet/policy";
import { policyOptions } from "../../../constructs/tailnet/policy-problems";
import { diffLines, reachabilityDiff } from "../../../constructs/tailnet/reach/diff";
import { UserError } from "../../../ops/errors";
import { readLivePolicy, readPolicyFile } from "../../../ops/tailnet/read-policy";
import { policyDiff } from "../../../ops/tailnet/text-diff";
import { controlPlaneFor } from "../../control-plane";
import { type Cli, type FleetOptions, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../../shared";

interface DiffOptions extends FleetOptions {
  readonly live?: boolean;
  readonly against?: string;
  readonly exitCode?: boolean;
}

/** `steppe tailnet diff`: what applying the fleet's policy would open and close. */
export function diffCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("diff")))
    .description("what the fleet's policy opens and closes against the one that is live, or against a file")
    .option("--live", "compare with the policy of the control plane (default)")
    .option("--against <file>", "compare with a policy file, HuJSON or JSON")
    .option("--exit-code", "exit with 2 when there is a difference")
    .action(async (_options, self: Command) => {
      const options: DiffOptions = optionsOf(self);
      if (options.live === true && options.against !== undefined)
        throw new UserError("--live and --against name two policies to compare with", ["give one of them"]);
      const chosen = fleetOf(cli, options);
      const before =
        options.against === undefined
          ? await readLivePolicy(await controlPlaneFor(cli, chosen))
          : readPolicyFile(options.against);
      const after = { name: `fleet ${chosen.fleet.name}`, policy: tailnetPolicy(chosen.fleet) };
      const reach = reachabilityDiff(before.policy, after.policy, policyOptions(chosen.fleet));
      const text = await policyDiff(before, after, cli.env);
      if (options.json === true)
        cli.output.out(
          JSON.stringify({ before: before.name, after: after.name, isEqual: text === "", reach, text }, null, 2),
        );
      else printDiff(cli, before.name, diffLines(reach), text);
      if (options.exitCode === true && text !== "") cli.exitWith(2);
    });
  return withExamples(
    command,
    "tailnet diff --fleet example",
    "tailnet diff --against yesterday.hujson --fleet example",
    "tailnet diff --exit-code --json --fleet example       # 0: the same, 2: a difference",
  );
}

/** Prints what changes for machines, then for readers. */
export function printDiff(cli: Cli, before: string, reach: readonly string[], text: string): void {
  if (text === "") {
    cli.output.out(`no difference to ${before}`);
    return;
  }
  cli.output.out(reach.length === 0 ? "nobody reaches more or less than before" : reach.join("\n"));
  cli.output.out(`\n${text}`);
}
