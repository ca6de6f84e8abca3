import { createHash } from "node:crypto";
import { awsFleets, awsStack, trustOf, USER_DATA } from "../../helpers/aws";
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
      // Older providers keep the digest of what they are given.
      const digest = createHash("sha1").update(USER_DATA).digest("hex");
      const userData = changes
        .filter(({ address }) => address.startsWith("aws_instance."))
        .map(({ after }) => (after as { user_data: string }).user_data);
      expect(userData).toHaveLength(3);
      expect(userData.filter((text) => ![USER_DATA, digest].includes(text))).toEqual([]);
    },
    120_000,
  );
});
