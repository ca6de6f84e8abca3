import { fleet as example } from "../../../fleets/example";
import type { Fleet } from "../../../model/types";
import { GOOGLE_PROVIDER } from "../../helpers/google-provider";
import { google, planOf } from "../../helpers/site-plan";
import { publicTrustOf, type StackDocument, synthesizeFleet } from "../../helpers/synth";
import { describeWithTerraform, removeTerraformDirs } from "../../helpers/terraform";

afterAll(removeTerraformDirs);

/** The example with keys in place of workload identities, which take a second provider. */
const oauth = { join: { kind: "oauth-client" } } as const;
const withKeys = <T extends object>(machines: Readonly<Record<string, T>>) =>
  Object.fromEntries(Object.entries(machines).map(([name, each]) => [name, { ...each, ...oauth }]));
const fleet: Fleet = { ...example, regions: withKeys(example.regions), pools: withKeys(example.pools) };

// The example as it is, and other sites: lab-full/gcp-plan.
describeWithTerraform("the example fleet's GCP site on the real provider, offline", [GOOGLE_PROVIDER], () => {
  test("is valid, and everything in it can be planned", () => {
    const stacks = synthesizeFleet(fleet, { trust: publicTrustOf(fleet) });
    const { planned, synthesized, actions } = planOf(stacks.get("example-site-gcp-eemshaven") as StackDocument, google);
    expect(planned).toEqual(synthesized);
    expect(planned.filter((address) => address.startsWith("google_compute_instance."))).toHaveLength(3);
    expect(actions).toEqual(["create"]);
  }, 180_000);
});
