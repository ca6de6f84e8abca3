import { awsFleets } from "../helpers/aws";
import { planOf } from "../helpers/aws-plan";
import { AWS_PROVIDER } from "../helpers/aws-provider";
import { describeWithTerraform, removeTerraformDirs } from "../helpers/terraform";

afterAll(removeTerraformDirs);

describeWithTerraform("every kind of AWS site on the real provider, offline", [AWS_PROVIDER], () => {
  test.each(Object.entries(awsFleets()))(
    "is valid, and everything in it can be planned: %s",
    (_, fleet) => {
      const { planned, synthesized, actions } = planOf(fleet);
      expect(planned).toEqual(synthesized);
      expect(actions).toEqual(["create"]);
    },
    120_000,
  );
});
