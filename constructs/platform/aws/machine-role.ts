import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { MachineIdentity } from "../../../model/identities";
import { allow, type AllowedIf, assumedBy } from "./iam";
import type { SecretEntry } from "./secrets";
import type { AwsSiteProps } from "./site";
import { tagsFor } from "./tags";

export interface MachineRoleProps extends AwsSiteProps {
  readonly identity: MachineIdentity;
  readonly secret: SecretEntry;
}

/** Who machines of an identity are in AWS. They may read their own secret, and nothing else unless it is added here. */
export class MachineRole extends Construct {
  /** Name of the role. Shape: `example-client-gpu`. */
  public readonly roleName: string;
  public readonly arn: string;
  /** Name of the instance profile. */
  public readonly profileName: string;
  public readonly profileArn: string;
  /** What must be there before a machine boots, so that it gets its secret. */
  public readonly ready: ITerraformDependable[];
  private readonly role: IamRole;

  constructor(scope: Construct, id: string, { fleet, site, identity, secret }: MachineRoleProps) {
    super(scope, id);
    const name = `${fleet.name}-${identity.name}`;
    const tags = tagsFor(fleet, site, name, { role: identity.role, region: identity.region });
    this.role = new IamRole(this, "Resource", { name, assumeRolePolicy: assumedBy("ec2.amazonaws.com"), tags });
    const profile = new IamInstanceProfile(this, "Profile", { name, role: this.role.name, tags });
    this.roleName = name;
    this.arn = this.role.arn;
    this.profileName = profile.name;
    this.profileArn = profile.arn;
    const policy = this.addPolicy("own-secret", ["secretsmanager:GetSecretValue"], [secret.arn]);
    this.ready = [policy, secret.value];
    // The token is for the tailnet alone, which checks who it is made for.
    if (identity.join.kind === "workload-identity")
      this.ready.push(this.addPolicy("own-token", ["sts:GetWebIdentityToken"], ["*"]));
  }

  /** Lets the machines do more. @param name - of the policy, which is the construct's id as well. */
  public addPolicy(name: string, actions: readonly string[], resources: readonly string[]): IamRolePolicy {
    return this.addStatements(name, [{ actions, resources }]);
  }

  /** Lets the machines do more, under conditions. @param name - of the policy, which is the construct's id as well. */
  public addStatements(name: string, statements: readonly AllowedIf[]): IamRolePolicy {
    return new IamRolePolicy(this, name, { name, role: this.role.id, policy: allow(...statements) });
  }
}
