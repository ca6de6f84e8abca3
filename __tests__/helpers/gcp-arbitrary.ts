import type fc from "fast-check";
import type { GcpSite } from "../../model/gcp-types";
import type { Fleet } from "../../model/types";
import { gcpFleet, gcpSite, spoil } from "./fleet";
import { gcpFleets } from "./gcp";
import { KMS_KEY } from "./gcp-kinds";
import arbitrary from "./properties";

/** Fleets with a site on Google Cloud that differ in whatever a fleet can say of one. */
export function arbitraryGcpFleets(): fc.Arbitrary<Fleet> {
  const site = (more: Partial<GcpSite>): GcpSite => ({ ...gcpSite(), ...more });
  const reason = "a property";
  const choices: Readonly<Record<string, readonly unknown[]>> = {
    "sites.cloud": [
      ...Object.values(gcpFleets()).map(({ sites }) => sites["cloud"]),
      site({ flowLogs: {}, privateGoogleAccess: false }),
      site({ egress: { kind: "cloud-nat", reason }, labels: {} }),
    ],
    "sites.cloud.retired": [undefined, { reason }],
    "regions.cloud.servers": [
      { count: 3, machineType: "n2-standard-2" },
      { count: 3, machineType: "c4a-standard-2", architecture: "arm64" },
    ],
    "regions.cloud.servers.count": [1, 3, 5],
    "regions.cloud.servers.disposable": [undefined, { reason }],
    "regions.cloud.servers.dataVolumeGiB": [undefined, 100],
    "regions.cloud.servers.image": [undefined, "projects/acme-images/global/images/server-20250610"],
    "regions.cloud.backups": [
      undefined,
      { store: { kind: "gcs", bucket: "shared" } },
      { store: { kind: "gcs", operators: ["group:operators@example.com"], kmsKeyName: KMS_KEY, retentionDays: 0 } },
    ],
    "regions.cloud.externalAccess": [
      undefined,
      { allowedCidrs: ["198.51.100.0/24"], port: 443 },
      { allowedCidrs: ["198.51.100.0/24"], retired: { reason } },
      {
        allowedCidrs: ["198.51.100.0/24"],
        domain: "cloud.example.com",
        zone: { managedZone: "example-com", name: "example.com", project: "acme-dns" },
      },
    ],
    "regions.cloud.join": [undefined, { kind: "workload-identity" }],
    "regions.cloud.retired": [undefined, { reason }, { reason, keepData: false }],
    "pools.batch.spot": [true, false],
    "pools.batch.alternativeTypes": [undefined, ["n2d-standard-4", "e2-standard-4"]],
    "pools.batch.count": [0, 1, 500],
    "pools.batch.zones": [undefined, ["europe-west4-c"]],
    "pools.batch.rootVolumeGiB": [undefined, 200],
    "pools.t4.hardware.gpu.count": [1, 4],
    "pools.t4.image": [undefined, "projects/acme-images/global/images/gpu-20250610"],
    "pools.arm.join": [undefined, { kind: "workload-identity" }],
    "pools.arm.retired": [undefined, { reason }],
  };
  return arbitrary
    .record(
      Object.fromEntries(Object.entries(choices).map(([path, values]) => [path, arbitrary.constantFrom(...values)])),
    )
    .map((chosen) => Object.keys(choices).reduce<Fleet>((fleet, path) => spoil(fleet, path, chosen[path]), gcpFleet()));
}
