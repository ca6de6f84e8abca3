import { TerraformProvider, TerraformResource } from "cdktf";
import type { Construct } from "constructs";

/** Version of the Tailscale provider that synthesized programs ask for. */
export const TAILSCALE_PROVIDER_VERSION = "0.29.2";

const generator = { providerName: "tailscale", providerVersion: TAILSCALE_PROVIDER_VERSION };

/** The Tailscale provider. Credentials come from its environment variables, never from configuration. */
export class TailscaleProvider extends TerraformProvider {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: "tailscale",
      terraformProviderSource: "registry.terraform.io/tailscale/tailscale",
      terraformGeneratorMetadata: { ...generator, providerVersionConstraint: TAILSCALE_PROVIDER_VERSION },
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return {};
  }
}

/**
 * The tailnet's policy file, whole.
 *
 * @see https://registry.terraform.io/providers/tailscale/tailscale/latest/docs/resources/acl
 */
export class TailnetPolicyFile extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: {
      /** Policy as JSON text. */
      readonly acl: string;
    },
  ) {
    super(scope, id, { terraformResourceType: "tailscale_acl", terraformGeneratorMetadata: generator });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { acl: this.props.acl };
  }
}
