import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { awsSecretName } from "../../../model/aws-names";
import { identitiesAt, type MachineIdentity } from "../../../model/identities";
import type { PublicTrust } from "../../../model/trust";
import { AssumptionError } from "../../core/problems";
import { generationOf, hasSecrets, SecretsGate, secretsOf } from "../secrets-gate";
import type { AwsSiteProps } from "./site";
import { tagsFor } from "./tags";

export interface AwsSecretsProps extends AwsSiteProps {
  /** @default - none yet: generation 0, which no apply accepts */
  readonly trust?: PublicTrust;
}

/** An entry of Secrets Manager. */
export interface SecretEntry {
  readonly arn: string;
  /** Its value: written before a machine asks for it. */
  readonly value: ITerraformDependable;
}

/**
 * Secrets of a site's machines in Secrets Manager, an entry per identity. Values go from ephemeral variables into write-only
 * arguments: neither plan nor state holds them, and a new generation of the trust writes them again.
 */
export class AwsSecrets extends Construct {
  /** Fails an apply that has not all secrets; whoever makes the site lets it {@link SecretsGate.guard} the stack. */
  public readonly gate: SecretsGate;
  private readonly entries = new Map<string, SecretEntry>();

  constructor(scope: Construct, id: string, props: AwsSecretsProps) {
    super(scope, id);
    const identities = identitiesAt(props.fleet, props.site);
    this.gate = new SecretsGate(this, "Gate", {
      identities,
      triggers: [...identities.map(({ name }) => name), `generation ${generationOf(props.trust)}`],
    });
    for (const identity of identities) this.entries.set(identity.name, this.entry(identity, props));
  }

  /** The entry of an identity. @throws AssumptionError for one of another site. */
  public of(identity: MachineIdentity): SecretEntry {
    const entry = this.entries.get(identity.name);
    if (entry === undefined) throw new AssumptionError(`${identity.name} has no secret here`);
    return entry;
  }

  private entry(identity: MachineIdentity, { fleet, site, trust }: AwsSecretsProps): SecretEntry {
    const scope = new Construct(this, identity.name);
    const name = awsSecretName(fleet.name, identity);
    const secret = new SecretsmanagerSecret(scope, "Secret", {
      name,
      description: `What machines of ${identity.name} need to join the fleet`,
      // The operator's trust is the original. An entry that waits for its deletion would block its name.
      recoveryWindowInDays: 0,
      tags: tagsFor(fleet, site, name, { role: identity.role, region: identity.region }),
    });
    const value = new SecretsmanagerSecretVersion(scope, "Value", {
      secretId: secret.id,
      secretStringWo: secretsOf(identity),
      secretStringWoVersion: generationOf(trust),
      // The gate is asked when it changes itself; this holds for every write.
      lifecycle: { precondition: [hasSecrets(identity)] },
    });
    return { arn: secret.arn, value };
  }
}
