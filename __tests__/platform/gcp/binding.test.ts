import type { Fleet } from "../../../model/types";
import { everyResource, trustOf } from "../../helpers/aws";
import { gcpFleet, spoil } from "../../helpers/fleet";
import { gcpFleets, gcpStack } from "../../helpers/gcp";
import fc from "../../helpers/properties";
import { unknownAttributes } from "../../helpers/provider-binding";
import type { StackDocument } from "../../helpers/synth";

const KMS_KEY = "projects/acme-keys/locations/europe-west4/keyRings/fleet/cryptoKeys/snapshots";
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
    const existing = gcpFleets().existing.sites["cloud"] as object;
    const choices: Readonly<Record<string, readonly unknown[]>> = {
      "sites.cloud": [gcpFleet().sites["cloud"], gcpFleets().everything.sites["cloud"], existing],
      "sites.cloud.retired": [undefined, { reason: "moved" }],
      "regions.cloud.servers.count": [1, 3, 5],
      "regions.cloud.servers.disposable": [undefined, { reason: "a test fleet" }],
      "regions.cloud.retired": [undefined, { reason: "moved" }, { reason: "moved", keepData: false }],
      "regions.cloud.backups": [
        undefined,
        { store: { kind: "gcs", bucket: "shared" } },
        { store: { kind: "gcs", operators: ["group:operators@example.com"], kmsKeyName: KMS_KEY } },
      ],
      "pools.batch.spot": [true, false],
      "pools.batch.alternativeTypes": [undefined, ["n2d-standard-4", "e2-standard-4"]],
      "pools.batch.count": [0, 1, 500],
      "pools.batch.zones": [undefined, ["europe-west4-c"]],
      "pools.t4.hardware.gpu.count": [1, 4],
      "pools.arm.join": [undefined, { kind: "workload-identity" }],
    };
    const fleets = fc
      .record(Object.fromEntries(Object.entries(choices).map(([path, values]) => [path, fc.constantFrom(...values)])))
      .map((chosen) =>
        Object.keys(choices).reduce<Fleet>((fleet, path) => spoil(fleet, path, chosen[path]), gcpFleet()),
      );
    fc.assert(
      fc.property(fleets, (fleet) => {
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
