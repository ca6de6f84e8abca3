import { DEFAULT_SSH_USER } from "../../../model/aws-names";
import type { PublicTrust } from "../../../model/trust";
import type { SshConnection } from "../../core/terraform-data";
import { cloudConnection } from "../connection";
import { type AwsSiteProps, awsSiteOf } from "./site";

/** SSH to a server on AWS. */
export function awsConnection(props: AwsSiteProps, host: string, trust: PublicTrust | undefined): SshConnection {
  const { user = DEFAULT_SSH_USER, port } = awsSiteOf(props).ssh;
  return cloudConnection({ fleet: props.fleet, host, user, port, trust });
}
