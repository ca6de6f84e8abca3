import { Command } from "commander";
import { rolesConfiguration } from "../../constructs/platform/gcp/permission-configuration";
import { diskRoles } from "../../constructs/platform/gcp/permission-disks";
import { gcpPermissionSubject } from "../../constructs/platform/gcp/permission-subject";
import { deployerRoles, plannerRoles } from "../../constructs/platform/gcp/permissions";
import { UserError } from "../../ops/errors";
import { type Cli, fleetOf, optionsOf, withExamples, withFleet } from "../shared";

/** `steppe gcp permissions`: what credentials for a fleet's sites on Google Cloud must be allowed. */
export function gcpCommand(cli: Cli): Command {
  const permissions = withFleet(new Command("permissions"))
    .description(
      "print the IAM roles of whoever applies the fleet, and of its CSI controllers, as a Terraform configuration that makes and binds them",
    )
    .option("--planner", "those of whoever plans, on pull requests: no value of a secret can be read")
    .option("--json", "print them as a list: each definition is what gcloud iam roles create --file takes")
    .action((options: { planner?: boolean; json?: boolean }, self: Command) => {
      const { fleet } = fleetOf(cli, optionsOf(self));
      const subject = gcpPermissionSubject(fleet);
      if (subject.projects.length === 0)
        throw new UserError(`fleet ${fleet.name} has no site on Google Cloud`, [
          'choose another fleet with --fleet, or give a site platform: "gcp"',
        ]);
      const roles = options.planner === true ? plannerRoles(subject) : [...deployerRoles(subject), ...diskRoles(fleet)];
      cli.output.out(JSON.stringify(options.json === true ? roles : rolesConfiguration(roles), null, 2));
    });
  return new Command("gcp")
    .description("what concerns Google Cloud alone")
    .addCommand(
      withExamples(
        permissions,
        "gcp permissions --fleet example > roles.tf.json    # then: terraform init && terraform apply -var member=…",
        "gcp permissions --fleet example --planner",
        "gcp permissions --fleet example --json",
      ),
    );
}
