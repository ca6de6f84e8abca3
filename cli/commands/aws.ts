import { Command } from "commander";
import { deployerPolicies, plannerPolicies } from "../../constructs/platform/aws/permissions";
import { permissionSubject } from "../../constructs/platform/aws/permission-subject";
import { type Cli, fleetOf, optionsOf, withExamples, withFleet } from "../shared";

/** `steppe aws permissions`: what credentials for a fleet's AWS sites must be allowed. */
export function awsCommand(cli: Cli): Command {
  const permissions = withFleet(new Command("permissions"))
    .description("print the IAM policies of whoever applies the fleet, as a list of documents; attach all")
    .option("--planner", "those of whoever plans without the refresh of state, on pull requests")
    .action((options: { planner?: boolean }, self: Command) => {
      const subject = permissionSubject(fleetOf(cli, optionsOf(self)).fleet);
      const policies = options.planner === true ? plannerPolicies(subject) : deployerPolicies(subject);
      cli.output.out(JSON.stringify(policies, null, 2));
    });
  return new Command("aws")
    .description("what concerns AWS alone")
    .addCommand(withExamples(permissions, "aws permissions --fleet example", "aws permissions --planner"));
}
