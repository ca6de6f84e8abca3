import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { gcpAccountId } from "../../../model/gcp-names";
import type { MachineIdentity } from "../../../model/identities";
import type { GcpSecret } from "./secrets";
import { type GcpSiteProps, gcpSiteOf } from "./site";

export interface MachineAccountProps extends GcpSiteProps {
  readonly identity: MachineIdentity;
  readonly secret: GcpSecret;
}

/** Who machines of an identity are in Google Cloud. They may read their own secret, and nothing else unless it is added here. */
export class MachineAccount extends Construct {
  public readonly email: string;
  /** Number that Google gives the account: the subject of its machines' identity tokens. */
  public readonly uniqueId: string;
  /** As IAM names it. Shape: `serviceAccount:example-client-gpu@acme-fleet.iam.gserviceaccount.com`. */
  public readonly member: string;
  /** What must be there before a machine boots, so that it gets its secret. */
  public readonly ready: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: MachineAccountProps) {
    super(scope, id);
    const { fleet, identity, secret } = props;
    const { project } = gcpSiteOf(props);
    const account = new ServiceAccount(this, "Resource", {
      project,
      accountId: gcpAccountId(fleet.name, identity),
      displayName: `${identity.name} of fleet ${fleet.name}`,
      // Made before by whoever lets the deployer start machines as this account, and no other: ./steppe gcp permissions.
      createIgnoreAlreadyExists: true,
    });
    this.email = account.email;
    this.uniqueId = account.uniqueId;
    this.member = account.member;
    const access = new SecretManagerSecretIamMember(this, "own-secret", {
      project,
      secretId: secret.secretId,
      role: "roles/secretmanager.secretAccessor",
      member: account.member,
    });
    this.ready = [access, secret.value];
  }

  /**
   * The account as a machine takes it. The scope lets it ask for whatever IAM allows the account, which is little.
   *
   * @see https://cloud.google.com/compute/docs/access/service-accounts#scopes_best_practice
   */
  public onMachine() {
    return { email: this.email, scopes: ["cloud-platform"] };
  }
}
