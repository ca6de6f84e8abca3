import { TerraformElement } from "cdktf";
import type { Construct } from "constructs";

/**
 * Takes what exists already into the state, under the address of a resource of the stack, so that a plan shows the
 * difference. Does nothing once it is there. Unlike cdktf's `importFrom` it needs no terraform at synthesis.
 *
 * @see https://developer.hashicorp.com/terraform/language/import
 */
export class ImportBlock extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: {
      /** Address of the resource. Shape: `tailscale_acl.Policy`. */
      readonly to: string;
      /** What the provider knows it by. */
      readonly id: string;
    },
  ) {
    super(scope, id);
  }

  public override toTerraform(): unknown {
    return { import: [{ to: this.props.to, id: this.props.id }] };
  }
}

/**
 * Takes a resource that the stack no longer has out of the state and leaves the thing itself alone. Does nothing where the
 * state has none.
 *
 * @see https://developer.hashicorp.com/terraform/language/block/removed
 */
export class ForgetBlock extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: {
      /** Address of the resource. Shape: `tailscale_dns_nameservers.Dns_Nameservers_0A1B2C3D`. */
      readonly from: string;
    },
  ) {
    super(scope, id);
  }

  public override toTerraform(): unknown {
    return { removed: [{ from: this.props.from, lifecycle: { destroy: false } }] };
  }
}
