import { runInNewContext } from "node:vm";
import type { GcpRole } from "../../constructs/platform/gcp/permissions";

/** A resource as conditions of IAM see it. */
class Resource {
  constructor(
    public readonly type: string,
    private readonly text: string,
  ) {}

  public get name() {
    const { text } = this;
    return {
      extract: (template: string) => text.split(template.replace("{name}", ""))[1] ?? "",
      toString: () => text,
    };
  }
}

/**
 * Whether a role's condition holds for a resource. The expressions read as JavaScript what they read as CEL.
 *
 * @param type - Shape: `compute.googleapis.com/Instance`.
 * @param name - Shape: `projects/acme-fleet/zones/europe-west4-a/instances/example-eu-1`.
 */
export function conditionHolds({ condition }: GcpRole, type: string, name: string): boolean {
  return (
    condition === undefined || runInNewContext(condition.expression, { resource: new Resource(type, name) }) === true
  );
}
