import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

/** Port on which tailscaled finds its peers. @see https://tailscale.com/kb/1082/firewall-ports */
const TAILNET_UDP_PORT = "41641";

/** The lower number wins; 1000 is what rules have that say nothing. */
export const PRIORITY = { open: 900, closed: 1000 } as const;

export interface GcpFirewallProps {
  /** Project of the network: with Shared VPC not that of its machines. */
  readonly project: string;
  /** Self link or id. */
  readonly network: string;
  /** Of the rules. */
  readonly name: string;
  /** Network tag of the machines. */
  readonly networkTag: string;
}

/**
 * Who reaches a machine past the tailnet: everybody its 41641/udp, where tailscaled takes nothing from whom it does not know,
 * and nobody anything else, whatever an existing network lets in at its usual priority. SSH and Nomad come through the tailnet.
 */
export class GcpFirewall extends Construct {
  public readonly rules: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { project, network, name, networkTag }: GcpFirewallProps) {
    super(scope, id);
    const into = { project, network, direction: "INGRESS", sourceRanges: ["0.0.0.0/0"], targetTags: [networkTag] };
    this.rules = [
      new ComputeFirewall(this, "Tailnet", {
        ...into,
        name: `${name}-tailnet`,
        description: "Tailnet peers, directly instead of through relays",
        priority: PRIORITY.open,
        allow: [{ protocol: "udp", ports: [TAILNET_UDP_PORT] }],
      }),
      new ComputeFirewall(this, "Closed", {
        ...into,
        name: `${name}-closed`,
        description: "Tailnet only",
        priority: PRIORITY.closed,
        deny: [{ protocol: "all" }],
      }),
    ];
  }
}
