import { rolesConfiguration } from "../../../constructs/platform/gcp/permission-configuration";
import { gcpPermissionSubject } from "../../../constructs/platform/gcp/permission-subject";
import { deployerRoles, plannerRoles } from "../../../constructs/platform/gcp/permissions";
import { gcpFleets } from "../../helpers/gcp";
import { GOOGLE_PROVIDER, googleOverride } from "../../helpers/google-provider";
import { describeWithTerraform, plan, removeTerraformDirs, terraformDir } from "../../helpers/terraform";

afterAll(removeTerraformDirs);

const member = "serviceAccount:deployer@acme-fleet.iam.gserviceaccount.com";
const planned = (configuration: object) =>
  plan(
    terraformDir(
      {
        "roles.tf.json": JSON.stringify(configuration),
        "steppe_override.tf.json": googleOverride(),
        "terraform.tfvars": `member = ${JSON.stringify(member)}\n`,
      },
      [GOOGLE_PROVIDER],
    ),
  );

describeWithTerraform("roles on Google Cloud on the real provider, offline", [GOOGLE_PROVIDER], () => {
  test("are valid and can be planned, each with its bindings: Shared VPC, applying and planning", () => {
    const subject = gcpPermissionSubject(gcpFleets().existing);
    const count = (configuration: object) => {
      const types = planned(configuration).map(({ address }) => address.split(".")[0] as string);
      return Object.fromEntries(
        [...new Set(types)].map((type) => [type, types.filter((each) => each === type).length]),
      );
    };
    expect(count(rolesConfiguration(deployerRoles(subject)))).toEqual({
      google_compute_subnetwork_iam_member: 1,
      google_project_iam_custom_role: 8,
      google_project_iam_member: 6,
      google_service_account: 6,
      google_service_account_iam_member: 6,
    });
    expect(count(rolesConfiguration(plannerRoles(subject)))).toEqual({
      google_project_iam_custom_role: 5,
      google_project_iam_member: 5,
    });
  }, 120_000);
});
