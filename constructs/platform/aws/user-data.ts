import { Fn, TerraformLocal, Token } from "cdktf";
import type { Construct } from "constructs";
import { terraformLiteral } from "../../core/literal";
import type { UserData } from "../../machine/user-data";
import { packUserData } from "../../machine/user-data-size";

/**
 * User data as EC2 takes it: compressed, in base64. What holds references (the tailnet's name for machines that join by
 * workload identity) is compressed by Terraform when they are known.
 */
export function ec2UserData(scope: Construct, id: string, userData: UserData): string {
  if (!Token.isUnresolved(userData.text)) return packUserData(userData);
  const text = new TerraformLocal(scope, id, terraformLiteral(userData.text));
  return Fn.base64gzip(text.asString);
}
