import { Construct } from "constructs";
import { Acl } from "../../gen/tailscale/acl";
import { ImportBlock } from "../core/state-blocks";

export interface TailnetPolicyFileProps {
  /** Policy as HuJSON text, safe as a Terraform string. */
  readonly acl: string;
  /**
   * The tailnet has a policy already: the plan shows what changes in it. Without it the provider refuses to replace a policy
   * that somebody has edited.
   *
   * @default false
   */
  readonly adopt?: boolean;
}

/**
 * The tailnet's policy file, whole. Destroying it leaves the policy as it is.
 *
 * @see https://registry.terraform.io/providers/tailscale/tailscale/0.29.2/docs/resources/acl
 */
export class TailnetPolicyFile extends Construct {
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: Acl;

  constructor(scope: Construct, id: string, { acl, adopt }: TailnetPolicyFileProps) {
    super(scope, id);
    // "Default" leaves the resource the name that states know it by: that of this construct.
    this.resource = new Acl(this, "Default", { acl });
    if (adopt === true) new ImportBlock(this, "Import", { to: this.resource, id: "acl" });
  }
}
