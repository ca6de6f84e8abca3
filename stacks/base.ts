import { GcsBackend, LocalBackend, S3Backend, type TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { PublicTrust } from "../model/trust";
import type { Fleet } from "../model/types";
import { MINIMUM_TERRAFORM_VERSION } from "../model/versions";
import { FastStack } from "../constructs/nomad/fast-stack";

export interface FleetStackProps {
  readonly fleet: Fleet;
  /** @default - the fleet has no trust yet */
  readonly trust?: PublicTrust;
}

/** A stack of a fleet: its own state behind its own lock. */
export class FleetStack extends FastStack {
  constructor(
    scope: Construct,
    name: string,
    protected readonly props: FleetStackProps,
  ) {
    super(scope, name);
    this.addOverride("terraform.required_version", `>= ${MINIMUM_TERRAFORM_VERSION}`);
    defineBackend(this, name, props.fleet);
  }

  /** Names which stacks must be applied before. Only the previous row: cdktf walks all paths. */
  public after(...stacks: readonly TerraformStack[]): void {
    for (const stack of stacks) this.addDependency(stack);
  }
}

function defineBackend(stack: TerraformStack, name: string, fleet: Fleet): void {
  const { backend } = fleet;
  switch (backend.kind) {
    case "local":
      new LocalBackend(stack, { path: `../../../${backend.directory ?? "state"}/${name}.tfstate` });
      return;
    case "s3":
      new S3Backend(stack, {
        bucket: backend.bucket,
        region: backend.region,
        key: `${backend.prefix ?? fleet.name}/${name}.tfstate`,
        encrypt: true,
      });
      stack.addOverride("terraform.backend.s3.use_lockfile", true);
      return;
    case "gcs":
      new GcsBackend(stack, { bucket: backend.bucket, prefix: `${backend.prefix ?? fleet.name}/${name}` });
  }
}
