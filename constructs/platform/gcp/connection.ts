import { DEFAULT_GCP_SSH_USER } from "../../../model/gcp-names";
import type { PublicTrust } from "../../../model/trust";
import type { SshConnection } from "../../core/terraform-data";
import { cloudConnection } from "../connection";
import { type GcpSiteProps, gcpSiteOf } from "./site";

/** SSH to a server on Google Cloud. */
export function gcpConnection(props: GcpSiteProps, host: string, trust: PublicTrust | undefined): SshConnection {
  const { user = DEFAULT_GCP_SSH_USER, port } = gcpSiteOf(props).ssh;
  return cloudConnection({ fleet: props.fleet, host, user, port, trust });
}
