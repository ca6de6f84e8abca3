import type { Construct } from "constructs";
import { stackNames } from "../model/names";
import { terraformLiteral } from "../constructs/core/literal";
import { assertValid } from "../constructs/core/problems";
import { annotatedPolicy } from "../constructs/tailnet/policy";
import { TailnetPolicyFile } from "../constructs/tailnet/policy-file";
import { policyProblems } from "../constructs/tailnet/policy-problems";
import { annotatedText } from "../constructs/tailnet/policy-text";
import { TailnetProvider } from "../constructs/tailnet/provider";
import { FleetStack, type FleetStackProps } from "./base";

/** The tailnet's policy. */
export class TailnetStack extends FleetStack {
  constructor(scope: Construct, props: FleetStackProps) {
    super(scope, stackNames.tailnet(props.fleet.name), props);
    const policy = annotatedPolicy(props.fleet);
    assertValid(this.node.path, policyProblems(props.fleet, policy));
    new TailnetProvider(this, "tailscale");
    new TailnetPolicyFile(this, "Policy", {
      acl: terraformLiteral(annotatedText(props.fleet.name, policy)),
      adopt: props.fleet.tailnet.adopted !== undefined,
    });
  }
}
