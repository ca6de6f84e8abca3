import type { TerraformStack } from "cdktf";
import { activeServerNames, magicDnsName, regionOf, siteOf } from "../model/names";
import type { Fleet } from "../model/types";
import type { SshConnection } from "../constructs/core/terraform-data";
import { ReadinessGate } from "../constructs/nomad/readiness-gate";
import { RegionProvider } from "../constructs/nomad/region-provider";
import { awsConnection } from "../constructs/platform/aws/connection";
import { gcpConnection } from "../constructs/platform/gcp/connection";
import { connectionTo } from "../constructs/platform/onprem/connection";
import type { FleetStackProps } from "./base";

/** How long a Nomad-level stack waits for its region, seconds. */
const READY_SECONDS = 300;

/** Puts the region's provider and its readiness gate into a stack; everything of Nomad there waits for the gate. */
export function enterRegion(
  stack: TerraformStack,
  region: string,
  { fleet, trust }: FleetStackProps,
  replicated: readonly string[],
): void {
  new RegionProvider(stack, "nomad", { region, fleet, address: `https://${firstServer(fleet, region)}:4646` });
  new ReadinessGate(stack, "ReadinessGate", {
    connection: serverConnection(fleet, region, trust),
    check: ["region", String(READY_SECONDS), ...replicated],
    timeoutSeconds: READY_SECONDS,
    triggers: [region, ...replicated],
  });
}

/** What a region must have been told by the authoritative one before jobs and volumes come. */
export function replicatedTo(fleet: Fleet, region: string): readonly string[] {
  const pools = Object.keys(fleet.pools).filter((name) => fleet.pools[name]?.region === region);
  return [
    ...Object.keys(fleet.namespaces ?? {}).map((name) => `namespace/${name}`),
    ...pools.map((name) => `node-pool/${name}`),
  ];
}

function firstServer(fleet: Fleet, region: string): string {
  const [first] = activeServerNames(fleet, region);
  return magicDnsName(fleet, first ?? "");
}

/** SSH to a region's first server. */
export function serverConnection(fleet: Fleet, region: string, trust: FleetStackProps["trust"]): SshConnection {
  const { site } = regionOf(fleet, region);
  const [first] = activeServerNames(fleet, region);
  if (first === undefined) throw new RangeError(`region ${region} has no server in service`);
  switch (siteOf(fleet, site).platform) {
    case "onprem":
      return connectionTo(fleet, site, first, trust);
    case "aws":
      return awsConnection({ fleet, site }, first, trust);
    case "gcp":
      return gcpConnection({ fleet, site }, first, trust);
  }
}
