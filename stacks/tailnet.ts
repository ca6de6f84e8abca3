import type { Construct } from "constructs";
import { stackNames } from "../model/names";
import { terraformLiteral } from "../constructs/core/literal";
import { tailnetPolicy } from "../constructs/tailnet/policy";
import { TailnetPolicyFile, TailscaleProvider } from "../constructs/tailnet/tailscale-provider";
import { FleetStack, type FleetStackProps } from "./base";

/** The tailnet's policy. */
export class TailnetStack extends FleetStack {
  constructor(scope: Construct, props: FleetStackProps) {
    super(scope, stackNames.tailnet(props.fleet.name), props);
    new TailscaleProvider(this, "tailscale");
    new TailnetPolicyFile(this, "Policy", {
      acl: terraformLiteral(JSON.stringify(tailnetPolicy(props.fleet), null, 2)),
    });
  }
}
