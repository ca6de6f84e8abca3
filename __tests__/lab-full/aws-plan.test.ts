import { fleet as example } from "../../fleets/example";
import { awsFleets, awsStack, trustOf } from "../helpers/aws";
import { planOf } from "../helpers/aws-plan";
import { AWS_PROVIDER } from "../helpers/aws-provider";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs } from "../helpers/terraform";

afterAll(removeTerraformDirs);

const PROVIDERS = [AWS_PROVIDER, "tailscale/tailscale"];

describeWithTerraform("every kind of AWS site on the real provider, offline", [AWS_PROVIDER], () => {
  test.each(Object.entries(awsFleets()))(
    "is valid, and everything in it can be planned: %s",
    (_, fleet) => {
      const { planned, synthesized, actions } = planOf(awsStack(fleet, { trust: trustOf(2) }));
      expect(planned).toEqual(synthesized);
      expect(actions).toEqual(["create"]);
    },
    180_000,
  );
});

describeWithTerraform("the example fleet's AWS site as it is, offline", PROVIDERS, () => {
  test("is valid, and everything in it can be planned", () => {
    const stacks = synthesizeFleet(example, { trust: publicTrustOf(example) });
    const { planned, synthesized, actions } = planOf(
      stacks.get("example-site-aws-frankfurt") as StackDocument,
      PROVIDERS,
    );
    expect(planned).toEqual(synthesized);
    expect(planned.filter((address) => address.startsWith("tailscale_federated_identity."))).toHaveLength(4);
    expect(actions).toEqual(["create"]);
  }, 180_000);
});
