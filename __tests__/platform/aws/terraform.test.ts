import { awsFleets } from "../../helpers/aws";
import { planOf } from "../../helpers/aws-plan";
import { AWS_PROVIDER } from "../../helpers/aws-provider";
import { describeWithTerraform, removeTerraformDirs } from "../../helpers/terraform";

afterAll(removeTerraformDirs);

describeWithTerraform("an AWS site on the real provider, offline", [AWS_PROVIDER], () => {
  // The other sites: lab-full/aws-plan.
  test("is valid, and everything in it can be planned", () => {
    const { planned, synthesized, actions } = planOf(awsFleets().everything);
    expect(planned).toEqual(synthesized);
    expect(planned.filter((address) => address.startsWith("aws_instance."))).toHaveLength(3);
    expect(actions).toEqual(["create"]);
  }, 120_000);
});
