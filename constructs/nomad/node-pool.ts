import { NodePool } from "@cdktf/provider-nomad/lib/node-pool";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { assertValid } from "../core/problems";
import { dependencies } from "./dependencies";
import { nameProblems } from "./namespace";

export interface NomadNodePoolProps {
  /** Letters, digits, dashes and underscores, at most 128. */
  readonly name: string;
  /** One sentence, at most 256 characters. @default "" */
  readonly description?: string;
  /** @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** Nomad Enterprise. @default - the region's */
  readonly schedulerAlgorithm?: "binpack" | "spread";
  /** Nomad Enterprise. @default - the region's */
  readonly memoryOversubscription?: boolean;
  /** @default - the stack's readiness gate */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A node pool, replicated from the authoritative region to all. Clients that come before it wait for it.
 *
 * @see https://developer.hashicorp.com/nomad/docs/concepts/node-pools
 */
export class NomadNodePool extends Construct {
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: NodePool;
  public readonly name: string;

  constructor(scope: Construct, id: string, props: NomadNodePoolProps) {
    super(scope, id);
    assertValid(this.node.path, nameProblems(props, /^[a-zA-Z0-9-_]{1,128}$/, "letters, digits, - and _"));
    this.name = props.name;
    const { memoryOversubscription, schedulerAlgorithm } = props;
    const isScheduled = schedulerAlgorithm !== undefined || memoryOversubscription !== undefined;
    this.resource = new NodePool(this, "Resource", {
      name: props.name,
      description: props.description,
      meta: props.meta,
      schedulerConfig: isScheduled
        ? {
            schedulerAlgorithm,
            memoryOversubscription:
              memoryOversubscription === undefined ? undefined : memoryOversubscription ? "enabled" : "disabled",
          }
        : undefined,
      dependsOn: [...dependencies(this, props.dependsOn)],
    });
  }
}
