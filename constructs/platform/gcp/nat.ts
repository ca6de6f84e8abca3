import { ComputeRouter } from "@cdktf/provider-google/lib/compute-router";
import { ComputeRouterNat } from "@cdktf/provider-google/lib/compute-router-nat";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

/** Ports of a machine: connections that it may have at once. An address of the gateway has room for 63 such machines. */
const PORTS_PER_MACHINE = 1024;

export interface CloudNatProps {
  readonly project: string;
  readonly gcpRegion: string;
  readonly networkId: string;
  readonly subnetworkId: string;
  /** Of router and gateway. */
  readonly name: string;
}

/**
 * A way out for machines without external addresses. A machine's port is the same for all destinations (endpoint-independent
 * mapping), so that tailnet peers can find each other directly.
 *
 * @see https://cloud.google.com/nat/docs/ports-and-addresses
 */
export class CloudNat extends Construct {
  public readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: CloudNatProps) {
    super(scope, id);
    const { project, gcpRegion: region, networkId, subnetworkId, name } = props;
    const router = new ComputeRouter(this, "Router", { project, region, name, network: networkId });
    this.ready = [
      new ComputeRouterNat(this, "Gateway", {
        project,
        region,
        name,
        router: router.name,
        natIpAllocateOption: "AUTO_ONLY",
        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        subnetwork: [{ name: subnetworkId, sourceIpRangesToNat: ["ALL_IP_RANGES"] }],
        enableEndpointIndependentMapping: true,
        // Google takes it with a fixed number of ports alone.
        enableDynamicPortAllocation: false,
        minPortsPerVm: PORTS_PER_MACHINE,
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      }),
    ];
  }
}
