import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { networkProjectOf } from "../../../model/gcp-links";
import { gcpNetworkName } from "../../../model/gcp-names";
import type { GcpFlowLogs, GcpNetworkLinks, GcpSite } from "../../../model/gcp-types";
import { AssumptionError } from "../../core/problems";
import { GcpFirewall } from "./firewall";
import { CloudNat } from "./nat";
import { type GcpSiteProps, gcpSiteOf } from "./site";

/**
 * The network of a site on Google Cloud: a VPC network with one subnet for all zones and a way to the internet, or an existing one
 * by self link. Nothing is asked of Google at plan time.
 *
 * Machines with external addresses are open for the tailnet's 41641/udp alone. An existing network keeps its own rules and
 * routes; only machines of the site are closed in it.
 */
export class GcpNetwork extends Construct {
  /** Network tag of the site's machines, to which the firewall's rules apply. */
  public readonly networkTag: string;
  /** Self link or id of the network. */
  public readonly network: string;
  /** Project of the network: with Shared VPC not that of its machines. */
  public readonly networkProject: string;
  /** What must be there before a machine boots, so that it finds the internet. */
  public readonly ready: ITerraformDependable[];
  private readonly site: GcpSite;
  private readonly subnetwork: string;

  constructor(scope: Construct, id: string, props: GcpSiteProps) {
    super(scope, id);
    this.site = gcpSiteOf(props);
    this.networkTag = gcpNetworkName(props.fleet.name, props.site);
    const { existingNetwork } = this.site;
    const { project, network, subnetwork, ready } =
      existingNetwork === undefined ? this.makeNetwork() : linked(existingNetwork);
    const name = this.networkTag;
    const firewall = new GcpFirewall(this, "Machines", { project, network, name, networkTag: this.networkTag });
    this.network = network;
    this.networkProject = project;
    this.subnetwork = subnetwork;
    this.ready = [...ready, ...firewall.rules];
  }

  /** Network interfaces of a machine: one, with an external address where that is the way out. */
  public interfaces() {
    const { egress } = this.site;
    const isExternal = egress === undefined || egress.kind === "external-address";
    return [
      {
        subnetwork: this.subnetwork,
        stackType: "IPV4_ONLY",
        ...(isExternal ? { accessConfig: [{ networkTier: "PREMIUM" }] } : {}),
      },
    ];
  }

  private makeNetwork(): Network {
    const { project, gcpRegion, networks, egress, flowLogs, privateGoogleAccess = true } = this.site;
    const name = this.networkTag;
    const network = new ComputeNetwork(this, "Network", {
      project,
      name,
      autoCreateSubnetworks: false,
      routingMode: "REGIONAL",
    });
    const subnet = new ComputeSubnetwork(this, "Subnet", {
      project,
      region: gcpRegion,
      name,
      network: network.id,
      ipCidrRange: networks[0],
      privateIpGoogleAccess: privateGoogleAccess,
      stackType: "IPV4_ONLY",
      ...(flowLogs === undefined ? {} : { logConfig: logConfig(flowLogs) }),
    });
    const made = { project, network: network.id, subnetwork: subnet.id };
    if (egress?.kind !== "cloud-nat") return { ...made, ready: [] };
    const nat = new CloudNat(this, "Nat", {
      project,
      gcpRegion,
      name,
      networkId: network.id,
      subnetworkId: subnet.id,
    });
    return { ...made, ready: nat.ready };
  }
}

function linked(links: GcpNetworkLinks): Network {
  const project = networkProjectOf(links);
  if (project === undefined) throw new AssumptionError(`${links.network} is no network in a validated fleet`);
  return { ...links, project, ready: [] };
}

function logConfig({ flowSampling = 0.5, aggregationInterval = "INTERVAL_5_SEC" }: GcpFlowLogs) {
  return { flowSampling, aggregationInterval, metadata: "INCLUDE_ALL_METADATA" };
}

/** A network and its subnet, by self link or id. */
interface Network extends GcpNetworkLinks {
  /** That the network belongs to. */
  readonly project: string;
  readonly ready: readonly ITerraformDependable[];
}
