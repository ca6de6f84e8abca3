import { Namespace } from "@cdktf/provider-nomad/lib/namespace";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { assertValid, type Problem } from "../core/problems";
import { dependencies } from "./dependencies";

export interface NomadNamespaceProps {
  /** Letters, digits and dashes, at most 128. */
  readonly name: string;
  /** One sentence, at most 256 characters. @default "" */
  readonly description?: string;
  /** Drivers that jobs of the namespace may use. @default - all */
  readonly enabledTaskDrivers?: readonly string[];
  /** @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** @default - the stack's readiness gate */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A namespace, replicated from the authoritative region to all.
 *
 * @see https://developer.hashicorp.com/nomad/docs/govern/namespaces
 */
export class NomadNamespace extends Construct {
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: Namespace;
  public readonly name: string;

  constructor(scope: Construct, id: string, props: NomadNamespaceProps) {
    super(scope, id);
    assertValid(this.node.path, nameProblems(props, /^[a-zA-Z0-9-]{1,128}$/, "letters, digits and dashes"));
    this.name = props.name;
    this.resource = new Namespace(this, "Resource", {
      name: props.name,
      description: props.description,
      meta: props.meta,
      capabilities:
        props.enabledTaskDrivers === undefined ? undefined : { enabledTaskDrivers: [...props.enabledTaskDrivers] },
      dependsOn: [...dependencies(this, props.dependsOn)],
    });
  }
}

/** What Nomad says about names and descriptions of namespaces and node pools. */
export function nameProblems(
  { name, description }: { readonly name: string; readonly description?: string },
  pattern: RegExp,
  words: string,
): Problem[] {
  const problems: Problem[] = [];
  if (!pattern.test(name)) problems.push({ path: "name", rule: `must be ${words}, at most 128 characters`, got: name });
  if ((description ?? "").length > 256) {
    problems.push({ path: "description", rule: "must be at most 256 characters", got: description, fix: "shorten it" });
  }
  return problems;
}
