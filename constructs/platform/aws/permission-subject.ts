import { isHostedZone } from "../../../model/access";
import { bucketName, isMadeBucket } from "../../../model/backups";
import type { Fleet } from "../../../model/types";
import { partitionOf } from "./iam";

/** What permissions are limited to. */
export interface PermissionSubject {
  /** Name of the fleet. */
  readonly fleet: string;
  /** Part of AWS that its sites are in. Shape: `aws`, `aws-us-gov`. */
  readonly partition: string;
  /** Hosted zones of Route 53 that records are made in. */
  readonly zoneIds: readonly string[];
  /** Buckets that are made under names which do not begin with the fleet's. */
  readonly bucketNames: readonly string[];
}

/** What a fleet's permissions are limited to; what is retired is among it, since it is still to be removed. */
export function permissionSubject(fleet: Fleet): PermissionSubject {
  const regions = Object.entries(fleet.regions);
  const zones = [fleet.globalAccess?.zone, ...regions.map(([, { externalAccess }]) => externalAccess?.zone)];
  const buckets = regions.flatMap(([name, { backups }]) =>
    backups?.store.kind === "s3" && isMadeBucket(backups.store) ? [bucketName(fleet.name, name, backups.store)] : [],
  );
  const [awsRegion = ""] = Object.values(fleet.sites).flatMap((site) =>
    site.platform === "aws" ? [site.awsRegion] : [],
  );
  return {
    fleet: fleet.name,
    partition: partitionOf(awsRegion),
    zoneIds: [...new Set(zones.flatMap((zone) => (zone !== undefined && isHostedZone(zone) ? zone.id : [])))].sort(),
    bucketNames: buckets.filter((name) => !name.startsWith(`${fleet.name}-`)),
  };
}
