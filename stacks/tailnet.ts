import type { Construct } from "constructs";
import { stackNames, tailnetDialect } from "../model/names";
import { terraformLiteral } from "../constructs/core/literal";
import { assertValid } from "../constructs/core/problems";
import { TailnetDns } from "../constructs/tailnet/dns";
import { annotatedPolicy } from "../constructs/tailnet/policy";
import { TailnetPolicyFile } from "../constructs/tailnet/policy-file";
import { policyProblems } from "../constructs/tailnet/policy-problems";
import { annotatedText } from "../constructs/tailnet/policy-text";
import { TailnetProvider } from "../constructs/tailnet/provider";
import { TailnetSettings } from "../constructs/tailnet/settings";
import { FleetStack, type FleetStackProps } from "./base";

/** The tailnet's policy, DNS and settings. headscale has the last two in its own configuration. */
export class TailnetStack extends FleetStack {
  constructor(scope: Construct, props: FleetStackProps) {
    const { fleet } = props;
    super(scope, stackNames.tailnet(fleet.name), props);
    const policy = annotatedPolicy(fleet);
    assertValid(this.node.path, policyProblems(fleet, policy));
    const { adopted, dns, settings } = fleet.tailnet;
    const adopt = adopted !== undefined;
    const isHeadscale = tailnetDialect(fleet) === "headscale";
    // headscale forgets comments, so that every plan would show them as a change.
    const acl = isHeadscale ? JSON.stringify(policy.policy, null, 2) : annotatedText(fleet.name, policy);
    new TailnetProvider(this, "tailscale");
    new TailnetPolicyFile(this, "Policy", { acl: terraformLiteral(acl), adopt });
    if (isHeadscale) return;
    new TailnetDns(this, "Dns", { ...dns, adopt });
    if (settings !== undefined) new TailnetSettings(this, "Settings", { settings, adopt });
  }
}
