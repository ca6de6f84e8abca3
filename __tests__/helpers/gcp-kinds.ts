import type { Fleet } from "../../model/types";
import { gcpExternalFleet, gcpFleet, spoil } from "./fleet";
import { gcpFleets } from "./gcp";

/** A key of Cloud KMS. */
export const KMS_KEY = "projects/acme-keys/locations/europe-west4/keyRings/fleet/cryptoKeys/snapshots";

/** Fleets with a site on Google Cloud that make among them every type of resource that Steppe makes there, by kind. */
export function gcpKinds(): Readonly<Record<string, Fleet>> {
  return {
    ...gcpFleets(),
    "servers of ARM": spoil(gcpFleet(), "regions.cloud.servers", {
      count: 1,
      machineType: "c4a-standard-2",
      architecture: "arm64",
    }),
    "a bucket for snapshots": spoil(gcpFleet(), "regions.cloud.backups", {
      store: { kind: "gcs", operators: ["group:operators@example.com"], kmsKeyName: KMS_KEY },
    }),
    "a bucket that exists": spoil(gcpFleet(), "regions.cloud.backups", { store: { kind: "gcs", bucket: "shared" } }),
    "access from outside the tailnet": gcpExternalFleet(),
    "access in a shared network": spoil(gcpExternalFleet(), "sites.cloud", gcpFleets().existing.sites["cloud"]),
    "access that is retired": spoil(gcpExternalFleet(), "regions.cloud.externalAccess.retired", { reason: "moved" }),
    retired: spoil(gcpFleet(), "sites.cloud.retired", { reason: "moved" }),
  };
}
