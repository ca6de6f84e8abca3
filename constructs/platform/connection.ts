import { DEFAULT_SSH_PORT } from "../../model/aws-names";
import { magicDnsName } from "../../model/names";
import type { PublicTrust } from "../../model/trust";
import type { Fleet } from "../../model/types";
import type { SshConnection } from "../core/terraform-data";
import { hostKeyIn } from "./host-key";

/** How long a machine that was just made may take: it boots, installs the tailnet's agent and joins. */
const FIRST_BOOT = "15m";

export interface CloudConnectionProps {
  readonly fleet: Fleet;
  /** Name of the server. */
  readonly host: string;
  /** Login. */
  readonly user: string;
  /** @default 22 */
  readonly port?: number | undefined;
  /** @default - an unknown host key, which no machine can show */
  readonly trust?: PublicTrust | undefined;
}

/** SSH to a server in a cloud by its name in the tailnet: nothing is open elsewhere. */
export function cloudConnection({ fleet, host, user, port, trust }: CloudConnectionProps): SshConnection {
  return {
    type: "ssh",
    host: magicDnsName(fleet, host),
    user,
    port: port ?? DEFAULT_SSH_PORT,
    agent: "true",
    hostKey: hostKeyIn(trust, host),
    timeout: FIRST_BOOT,
  };
}
