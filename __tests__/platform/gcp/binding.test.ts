import { everyResource, trustOf } from "../../helpers/aws";
import { gcpFleets, gcpStack } from "../../helpers/gcp";
import { arbitraryGcpFleets } from "../../helpers/gcp-arbitrary";
import fc from "../../helpers/properties";
import { unknownAttributes } from "../../helpers/provider-binding";
import type { StackDocument } from "../../helpers/synth";

const unknownIn = (stack: StackDocument) =>
  everyResource([stack])
    .filter(({ type }) => type.startsWith("google_"))
    .flatMap(({ type, attributes }) => unknownAttributes("google", type, attributes).map((path) => `${type}.${path}`));

describe("every attribute is one that the provider's binding can set", () => {
  test.each(Object.entries(gcpFleets()))("site %s", (_, fleet) => {
    const stack = gcpStack(fleet, { trust: trustOf(1) });
    expect(everyResource([stack]).length).toBeGreaterThan(40);
    expect(unknownIn(stack)).toEqual([]);
  });

  test("whatever a fleet says", () => {
    fc.assert(
      fc.property(arbitraryGcpFleets(), (fleet) => {
        expect(unknownIn(gcpStack(fleet))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

test("an attribute that is not there is found, at any depth", () => {
  const attributes = {
    "//": {},
    lifecycle: {},
    name: "a",
    labels: { anything: "goes" },
    sized: 1,
    instance_id: "computed, and so not to be set",
    boot_disk: { initialize_params: { size: 1, sized: 1 } },
    network_interface: [{ subnetwork: "a" }, { access_config: [{ network_tier: "PREMIUM", tier: "PREMIUM" }] }],
  };
  expect(unknownAttributes("google", "google_compute_instance", attributes)).toEqual([
    "sized",
    "instance_id",
    "boot_disk.initialize_params.sized",
    "network_interface.access_config.tier",
  ]);
  expect(() => unknownAttributes("google", "google_compute_instances", {})).toThrow("compute-instances");
});
