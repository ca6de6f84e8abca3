import { TerraformElement, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";

export interface ImportBlockProps {
  readonly to: TerraformResource;
  /** What the provider knows it by. */
  readonly id: string;
}

/**
 * Takes what exists already into the state as a resource of the stack, so that a plan shows the difference. Does nothing
 * once it is there. Unlike cdktf's `importFrom` it needs no terraform at synthesis.
 *
 * @see https://developer.hashicorp.com/terraform/language/block/import
 */
export class ImportBlock extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ImportBlockProps,
  ) {
    super(scope, id);
  }

  public override toTerraform(): unknown {
    const { to, id } = this.props;
    return { import: [{ to: `${to.terraformResourceType}.${to.friendlyUniqueId}`, id }] };
  }
}

/**
 * Stands where a resource stood, under the same scope and id: takes it out of the state and leaves the thing itself alone,
 * unless it is told to destroy that too. Does nothing where the state has none.
 *
 * @see https://developer.hashicorp.com/terraform/language/block/removed
 */
export class RemovedBlock extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly resourceType: string,
    private readonly isDestroyed: boolean = false,
  ) {
    super(scope, id);
  }

  public override toTerraform(): unknown {
    const from = `${this.resourceType}.${this.friendlyUniqueId}`;
    return { removed: [{ from, lifecycle: { destroy: this.isDestroyed } }] };
  }
}
