import { fleet as example } from "../../fleets/example";
import { renderHcl } from "../../review/hcl/render";
import { awsFleets, awsStack, trustOf } from "../helpers/aws";
import { planOf } from "../helpers/aws-plan";
import { AWS_PROVIDER, awsFiles, awsOverride } from "../helpers/aws-provider";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, plan, removeTerraformDirs, terraformDir } from "../helpers/terraform";

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
  const stacks = synthesizeFleet(example, { trust: publicTrustOf(example) });
  const site = stacks.get("example-site-aws-frankfurt") as StackDocument;

  test("is valid, and everything in it can be planned", () => {
    const { planned, synthesized, actions } = planOf(site, PROVIDERS);
    expect(planned).toEqual(synthesized);
    expect(planned.filter((address) => address.startsWith("tailscale_federated_identity."))).toHaveLength(4);
    expect(actions).toEqual(["create"]);
  }, 180_000);

  test("is valid as HCL, and plans the same", () => {
    const planned = (files: Record<string, string>) => plan(terraformDir(files, PROVIDERS));
    const override = awsOverride();
    expect(planned({ "main.tf": renderHcl(site), "steppe_override.tf.json": override })).toEqual(
      planned(awsFiles(site, override)),
    );
  }, 300_000);
});
