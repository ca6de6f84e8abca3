import { Command } from "commander";
import { annotatedPolicy } from "../../../constructs/tailnet/policy";
import { annotatedText } from "../../../constructs/tailnet/policy-text";
import { type Cli, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../../shared";

/** `steppe tailnet policy`: the policy as it will be applied. */
export function policyCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("policy")))
    .description("print the fleet's policy as it is applied: HuJSON, every rule with its reason")
    .action((_options, self: Command) => {
      const options = optionsOf(self);
      const { fleet } = fleetOf(cli, options);
      const annotated = annotatedPolicy(fleet);
      const text =
        options.json === true ? JSON.stringify(annotated.policy, null, 2) : annotatedText(fleet.name, annotated);
      cli.output.out(text.trimEnd());
    });
  return withExamples(command, "tailnet policy --fleet example", "tailnet policy --fleet example --json");
}
