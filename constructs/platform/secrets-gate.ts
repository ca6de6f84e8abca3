import { Aspects, dependable, TerraformResource, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { type MachineIdentity, secretsVariable } from "../../model/identities";
import type { PublicTrust } from "../../model/trust";
import { TerraformData } from "../core/terraform-data";

export interface SecretsGateProps {
  /** Whose secrets an apply needs. */
  readonly identities: readonly MachineIdentity[];
  /** A change in any means that secrets are written again. */
  readonly triggers: readonly string[];
}

/**
 * Fails an apply before it changes anything when a secret is missing; a plan needs none. Declares the ephemeral variables that
 * carry the secrets, one per identity: their values are neither in plan nor in state.
 */
export class SecretsGate extends TerraformData {
  constructor(scope: Construct, id: string, { identities, triggers }: SecretsGateProps) {
    super(scope, id, {
      triggersReplace: triggers,
      lifecycle: { precondition: identities.map((identity) => hasSecrets(identity)) },
    });
    for (const identity of identities) {
      const name = secretsVariable(identity);
      const variable = new TerraformVariable(scope, name, {
        type: "string",
        default: "",
        description: `Secrets of ${identity.name}; from ./steppe env`,
      });
      variable.overrideLogicalId(name);
      variable.addOverride("ephemeral", true);
    }
  }

  /** Holds back every resource of a scope until the gate has let the apply through. */
  public guard(scope: Construct): void {
    Aspects.of(scope).add({
      visit: (node) => {
        if (node instanceof TerraformResource && node !== this)
          node.dependsOn = [...(node.dependsOn ?? []), dependable(this)];
      },
    });
  }
}

/** Condition of an apply that hands over an identity's secrets. */
export function hasSecrets(identity: MachineIdentity): { readonly condition: string; readonly errorMessage: string } {
  return {
    condition: `\${terraform.applying ? !contains(["", "placeholder"], var.${secretsVariable(identity)}) : true}`,
    errorMessage: `the secrets of ${identity.name} are missing: run \`eval "$(./steppe env)"\` first, or apply with ./steppe apply`,
  };
}

/** An identity's secrets in a write-only argument or a provisioner of the gate's stack. */
export function secretsOf(identity: MachineIdentity): string {
  return `\${var.${secretsVariable(identity)}}`;
}

/** Counts the renewals of a trust; 0 before there is one, which no apply accepts. */
export function generationOf(trust: PublicTrust | undefined): number {
  return trust?.generation ?? 0;
}
