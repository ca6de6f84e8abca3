import { awsFleets, awsStack, trustOf } from "../../helpers/aws";
import { AWS_PROVIDER, awsFiles, awsOverride } from "../../helpers/aws-provider";
import { describeWithTerraform, plan, removeTerraformDirs, terraformDir } from "../../helpers/terraform";

afterAll(removeTerraformDirs);

describeWithTerraform("an AWS site on the real provider, offline", [AWS_PROVIDER], () => {
  test.each(Object.entries(awsFleets()))(
    "is valid, and everything in it can be planned: %s",
    (_, fleet) => {
      const stack = awsStack(fleet, { trust: trustOf(2) });
      const changes = plan(terraformDir(awsFiles(stack, awsOverride()), [AWS_PROVIDER]));
      const addresses = Object.entries(stack.resource ?? {}).flatMap(([type, byId]) =>
        Object.keys(byId).map((id) => `${type}.${id}`),
      );
      expect(changes.map(({ address }) => address).sort()).toEqual(addresses.sort());
      expect(new Set(changes.flatMap(({ actions }) => actions))).toEqual(new Set(["create"]));
      const userData = changes.flatMap(({ address, after }) =>
        address.startsWith("aws_launch_template.") ? [(after as { user_data: string }).user_data] : [],
      );
      expect(userData).toHaveLength(4);
    },
    120_000,
  );
});
