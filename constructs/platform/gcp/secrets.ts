import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretVersion } from "@cdktf/provider-google/lib/secret-manager-secret-version";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { gcpSecretName } from "../../../model/gcp-names";
import { identitiesAt, type MachineIdentity } from "../../../model/identities";
import type { PublicTrust } from "../../../model/trust";
import { AssumptionError } from "../../core/problems";
import { generationOf, hasSecrets, SecretsGate, secretsOf } from "../secrets-gate";
import { labelsFor } from "./labels";
import { type GcpSiteProps, gcpSiteOf } from "./site";

export interface GcpSecretsProps extends GcpSiteProps {
  /** @default - none yet: generation 0, which no apply accepts */
  readonly trust?: PublicTrust;
}

/** A secret of Secret Manager. */
export interface GcpSecret {
  readonly secretId: string;
  /** Its value: written before a machine asks for it. */
  readonly value: ITerraformDependable;
}

/**
 * Secrets of a site's machines in Secret Manager, one per identity, kept in the site's region. Values go from ephemeral variables
 * into write-only arguments: neither plan nor state holds them, and a new generation of the trust makes a new version of each.
 */
export class GcpSecrets extends Construct {
  /** Fails an apply that has not all secrets; whoever makes the site lets it {@link SecretsGate.guard} the stack. */
  public readonly gate: SecretsGate;
  private readonly secrets = new Map<string, GcpSecret>();

  constructor(scope: Construct, id: string, props: GcpSecretsProps) {
    super(scope, id);
    const identities = identitiesAt(props.fleet, props.site);
    this.gate = new SecretsGate(this, "Gate", {
      identities,
      triggers: [...identities.map(({ name }) => name), `generation ${generationOf(props.trust)}`],
    });
    for (const identity of identities) this.secrets.set(identity.name, this.secret(identity, props));
  }

  /** The secret of an identity. @throws AssumptionError for one of another site. */
  public of(identity: MachineIdentity): GcpSecret {
    const secret = this.secrets.get(identity.name);
    if (secret === undefined) throw new AssumptionError(`${identity.name} has no secret here`);
    return secret;
  }

  private secret(identity: MachineIdentity, props: GcpSecretsProps): GcpSecret {
    const scope = new Construct(this, identity.name);
    const { project, gcpRegion } = gcpSiteOf(props);
    const secret = new SecretManagerSecret(scope, "Secret", {
      project,
      secretId: gcpSecretName(props.fleet.name, identity),
      replication: { userManaged: { replicas: [{ location: gcpRegion }] } },
      // The operator's trust is the original.
      deletionProtection: false,
      labels: labelsFor(props, { role: identity.role, region: identity.region }),
    });
    const value = new SecretManagerSecretVersion(scope, "Value", {
      secret: secret.id,
      secretDataWo: secretsOf(identity),
      secretDataWoVersion: generationOf(props.trust),
      // A version is replaced: a machine that asks meanwhile finds one of the two. The gate is asked when it changes itself;
      // the condition holds for every write.
      lifecycle: { createBeforeDestroy: true, precondition: [hasSecrets(identity)] },
    });
    return { secretId: secret.secretId, value };
  }
}
