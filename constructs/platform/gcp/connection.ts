import { DEFAULT_SSH_PORT } from "../../../model/aws-names";
import { DEFAULT_GCP_SSH_USER } from "../../../model/gcp-names";
import { magicDnsName } from "../../../model/names";
import type { PublicTrust } from "../../../model/trust";
import type { SshConnection } from "../../core/terraform-data";
import { hostKeyIn } from "../host-key";
import { type GcpSiteProps, gcpSiteOf } from "./site";

/** How long a machine that was just made may take: it boots, installs the tailnet's agent and joins. */
const FIRST_BOOT = "15m";

/** SSH to a server on Google Cloud by its name in the tailnet: nothing is open elsewhere. */
export function gcpConnection(props: GcpSiteProps, host: string, trust: PublicTrust | undefined): SshConnection {
  const { ssh } = gcpSiteOf(props);
  return {
    type: "ssh",
    host: magicDnsName(props.fleet, host),
    user: ssh.user ?? DEFAULT_GCP_SSH_USER,
    port: ssh.port ?? DEFAULT_SSH_PORT,
    agent: "true",
    hostKey: hostKeyIn(trust, host),
    timeout: FIRST_BOOT,
  };
}
