import type { Fleet } from "../../model/types";
import { askJob, bootFleet, bootHosts, NETWORK, workJob } from "./boot-fleet";

export { SERVER } from "./boot-fleet";

/** Address of the metadata service that instances ask. */
export const METADATA = "http://169.254.169.254/latest";
export const FIRST = "web-0aaaaaaaaaaaaaaa1";
export const SECOND = "web-0aaaaaaaaaaaaaaa2";

/** One region and one pool on AWS. @param operatorKey - public SSH key. */
export const fleetOf = (operatorKey: string): Fleet =>
  bootFleet({
    site: {
      platform: "aws",
      awsRegion: "eu-central-1",
      networks: [NETWORK],
      zones: { "eu-central-1a": { cidr: NETWORK } },
      images: { amd64: "ami-0123456789abcdef0" },
      ssh: { authorizedKeys: [operatorKey] },
      install: { kind: "image" },
    },
    servers: { count: 1, machineType: "m7i.large" },
    pool: { machineType: "c7i.xlarge", drainSeconds: 60 },
  });

export const hosts = bootHosts([FIRST, SECOND]);

export const JOB = workJob(1);

/** Asks the metadata service for a token. */
export const ASK_JOB = askJob(
  `--request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${METADATA}/api/token`,
);
