import { DEFAULT_SSH_PORT, DEFAULT_SSH_USER } from "../../../model/aws-names";
import { magicDnsName } from "../../../model/names";
import type { PublicTrust } from "../../../model/trust";
import type { SshConnection } from "../../core/terraform-data";
import { hostKeyIn } from "../host-key";
import { type AwsSiteProps, awsSiteOf } from "./site";

/** How long a machine that was just made may take: it boots, installs the tailnet's agent and joins. */
const FIRST_BOOT = "15m";

/** SSH to a server on AWS by its name in the tailnet: nothing is open elsewhere. */
export function awsConnection(props: AwsSiteProps, host: string, trust: PublicTrust | undefined): SshConnection {
  const { ssh } = awsSiteOf(props);
  return {
    type: "ssh",
    host: magicDnsName(props.fleet, host),
    user: ssh.user ?? DEFAULT_SSH_USER,
    port: ssh.port ?? DEFAULT_SSH_PORT,
    agent: "true",
    hostKey: hostKeyIn(trust, host),
    timeout: FIRST_BOOT,
  };
}
