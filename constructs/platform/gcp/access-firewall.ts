import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { ACCESS_HEALTH_PORT } from "../../../model/access";
import { PRIORITY } from "./firewall";

/**
 * Where Google asks servers from how they are.
 *
 * @see https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
 */
const HEALTH_CHECKERS = ["35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"];

export interface AccessFirewallProps {
  /** Project of the network: with Shared VPC not that of its machines. */
  readonly project: string;
  /** Self link or id. */
  readonly network: string;
  /** Beginning of the rules' names. Shape: `example-eu`. */
  readonly prefix: string;
  /** Network tag of the region's servers. */
  readonly networkTag: string;
  /** Address of the load balancer. */
  readonly address: string;
  /** Its port. */
  readonly port: number;
  readonly allowedCidrs: readonly string[];
}

/**
 * Who reaches a region's servers past the tailnet: the allowed ranges, through the load balancer alone and at its port; and
 * Google's health checkers, at the port where servers say how they are. Packets that the load balancer passes on carry their caller's
 * address and its own, so that a rule can tell both.
 */
export class AccessFirewall extends Construct {
  public readonly rules: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: AccessFirewallProps) {
    super(scope, id);
    const { project, network, prefix, networkTag, address, port, allowedCidrs } = props;
    const into = { project, network, direction: "INGRESS", priority: PRIORITY.open, targetTags: [networkTag] };
    this.rules = [
      new ComputeFirewall(this, "Callers", {
        ...into,
        name: `${prefix}-callers`,
        description: "Callers from outside the tailnet, through the load balancer",
        sourceRanges: [...allowedCidrs],
        destinationRanges: [`${address}/32`],
        allow: [{ protocol: "tcp", ports: [String(port)] }],
      }),
      new ComputeFirewall(this, "Health", {
        ...into,
        name: `${prefix}-health`,
        description: "Health checks of the load balancer",
        sourceRanges: HEALTH_CHECKERS,
        allow: [{ protocol: "tcp", ports: [String(ACCESS_HEALTH_PORT)] }],
      }),
    ];
  }
}
