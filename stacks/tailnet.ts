import type { Construct } from "constructs";
import { identitiesOf, tagsOf } from "../model/identities";
import { stackNames, tailnetDialect } from "../model/names";
import { terraformLiteral } from "../constructs/core/literal";
import { assertValid } from "../constructs/core/problems";
import { validatePolicy } from "../constructs/tailnet/language/validate";
import { tailnetPolicy } from "../constructs/tailnet/policy";
import { TailnetPolicyFile } from "../constructs/tailnet/policy-file";
import { TailnetProvider } from "../constructs/tailnet/provider";
import { FleetStack, type FleetStackProps } from "./base";

/** The tailnet's policy. */
export class TailnetStack extends FleetStack {
  constructor(scope: Construct, props: FleetStackProps) {
    super(scope, stackNames.tailnet(props.fleet.name), props);
    const policy = tailnetPolicy(props.fleet);
    const devices = identitiesOf(props.fleet).map((identity) => ({ tags: tagsOf(identity) }));
    assertValid(this.node.path, validatePolicy(policy, { dialect: tailnetDialect(props.fleet), devices }));
    new TailnetProvider(this, "tailscale");
    new TailnetPolicyFile(this, "Policy", {
      acl: terraformLiteral(JSON.stringify(policy, null, 2)),
      adopt: props.fleet.tailnet.adopted !== undefined,
    });
  }
}
