import { fleet as example } from "../../fleets/example";
import { awsFleets, awsStack, trustOf } from "../helpers/aws";
import { AWS_PROVIDER } from "../helpers/aws-provider";
import { aws, planOf, planOfHcl } from "../helpers/site-plan";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs } from "../helpers/terraform";

afterAll(removeTerraformDirs);

const PROVIDERS = [AWS_PROVIDER, "tailscale/tailscale"];

describeWithTerraform("every kind of AWS site on the real provider, offline", [AWS_PROVIDER], () => {
  test.each(Object.entries(awsFleets()))(
    "is valid, everything in it can be planned, and as HCL it plans the same: %s",
    (_, fleet) => {
      const site = awsStack(fleet, { trust: trustOf(2) });
      const { planned, synthesized, actions, changes } = planOf(site, aws);
      expect(planned).toEqual(synthesized);
      expect(actions).toEqual(["create"]);
      expect(planOfHcl(site, aws)).toEqual(changes);
    },
    300_000,
  );
});

describeWithTerraform("the example fleet's AWS site as it is, offline", PROVIDERS, () => {
  const stacks = synthesizeFleet(example, { trust: publicTrustOf(example) });
  const site = stacks.get("example-site-aws-frankfurt") as StackDocument;

  test("is valid, and everything in it can be planned", () => {
    const { planned, synthesized, actions } = planOf(site, aws, ["tailscale/tailscale"]);
    expect(planned).toEqual(synthesized);
    expect(planned.filter((address) => address.startsWith("tailscale_federated_identity."))).toHaveLength(4);
    expect(actions).toEqual(["create"]);
  }, 180_000);
});
