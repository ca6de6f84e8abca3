import type { Fleet } from "../../model/types";
import { askJob, bootFleet, bootHosts, NETWORK, workJob } from "./boot-fleet";

export { SERVER } from "./boot-fleet";

/** Address of the metadata server that instances ask. */
export const METADATA = "http://169.254.169.254/computeMetadata/v1";
export const PROJECT = "acme-fleet";
export const FIRST = "web-a1b2";
export const SECOND = "web-c3d4";

/** One region and one pool on Google Cloud. The pool says nothing of its drain. @param operatorKey - public SSH key. */
export const fleetOf = (operatorKey: string): Fleet =>
  bootFleet({
    site: {
      platform: "gcp",
      project: PROJECT,
      gcpRegion: "europe-west4",
      zones: ["europe-west4-a"],
      networks: [NETWORK],
      images: { amd64: "projects/debian-cloud/global/images/debian-12-bookworm-v20250610" },
      ssh: { authorizedKeys: [operatorKey] },
      install: { kind: "image" },
    },
    servers: { count: 1, machineType: "n2-standard-2" },
    pool: { machineType: "n2-standard-4" },
  });

export const hosts = bootHosts([FIRST, SECOND]);

/** Name of a host's instance: the group of a pool names its own. */
export const instanceOf = (host: string): string => (host.startsWith("web-") ? `boot-${host}` : host);

export const JOB = workJob(1);
/** Nomad moves one of its allocations after the other, ten seconds apart. */
export const MANY_JOB = workJob(3);

/** Asks the metadata server for a token. */
export const ASK_JOB = askJob(`--header 'Metadata-Flavor: Google' ${METADATA}/instance/service-accounts/default/token`);
