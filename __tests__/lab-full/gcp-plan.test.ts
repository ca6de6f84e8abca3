import { fleet as example } from "../../fleets/example";
import type { Fleet } from "../../model/types";
import { gcpKinds } from "../helpers/gcp-kinds";
import { GOOGLE_PROVIDER } from "../helpers/google-provider";
import { google, planOf, planOfHcl } from "../helpers/site-plan";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs } from "../helpers/terraform";

afterAll(removeTerraformDirs);

const TAILSCALE = "tailscale/tailscale";
const site = (fleet: Fleet, name: string) =>
  synthesizeFleet(fleet, { trust: publicTrustOf(fleet) }).get(name) as StackDocument;

describeWithTerraform("every kind of GCP site on the real provider, offline", [GOOGLE_PROVIDER], () => {
  test.each(Object.entries(gcpKinds()))(
    "is valid, everything in it can be planned, and as HCL it plans the same: %s",
    (_, fleet) => {
      const stack = site(fleet, "small-site-cloud");
      const { planned, synthesized, actions, changes } = planOf(stack, google);
      expect(planned).toEqual(synthesized);
      expect(planned.filter((address) => address.startsWith("google_")).length).toBeGreaterThan(20);
      expect(actions).toEqual(["create"]);
      expect(planOfHcl(stack, google)).toEqual(changes);
    },
    300_000,
  );
});

describeWithTerraform("the example fleet's GCP site as it is, offline", [GOOGLE_PROVIDER, TAILSCALE], () => {
  test("is valid, and everything in it can be planned before Google has made up any id", () => {
    const stack = site(example, "example-site-gcp-eemshaven");
    const { planned, synthesized, actions, changes } = planOf(stack, google, [TAILSCALE]);
    expect(planned).toEqual(synthesized);
    expect(actions).toEqual(["create"]);
    const vouched = changes.filter(({ address }) => address.startsWith("tailscale_federated_identity."));
    expect(vouched.map(({ unknown }) => (unknown as { subject: unknown }).subject)).toEqual(Array(4).fill(true));
    expect(planOfHcl(stack, google, [TAILSCALE])).toEqual(changes);
  }, 180_000);
});
