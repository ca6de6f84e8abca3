import { TerraformResource, type TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";

/** How a provisioner reaches its machine: SSH with keys from the agent, never from configuration. */
export interface SshConnection {
  readonly type: "ssh";
  readonly host: string;
  readonly user: string;
  readonly port?: number;
  /** cdktf takes a string here. */
  readonly agent: "true";
  /** Public host key that the machine must show. Shape: `ssh-ed25519 AAAA...`. */
  readonly hostKey: string;
  /** Shape: `2m`. */
  readonly timeout?: string;
}

export interface TerraformDataProps extends TerraformMetaArguments {
  /** A change in any replaces the resource, which runs its provisioners again. @default - never replaced */
  readonly triggersReplace?: readonly string[] | Readonly<Record<string, string>>;
  /** Stored in state and shown in plans. @default - none */
  readonly input?: unknown;
}

/**
 * Terraform's built-in `terraform_data`. Unlike cdktf's own class it needs no terraform at synthesis.
 *
 * @see https://developer.hashicorp.com/terraform/language/resources/terraform-data
 */
export class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: TerraformDataProps = {},
  ) {
    super(scope, id, { ...props, terraformResourceType: "terraform_data" });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { input, triggersReplace } = this.props;
    return {
      ...(input === undefined ? {} : { input }),
      ...(triggersReplace === undefined ? {} : { triggers_replace: triggersReplace }),
    };
  }
}
