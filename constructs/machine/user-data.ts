import { awsSecretName, DEFAULT_SSH_PORT, DEFAULT_SSH_USER } from "../../model/aws-names";
import { awsSite } from "../../model/aws-site";
import { clientIdentity, serverIdentity } from "../../model/identities";
import { regionOf } from "../../model/names";
import type { Fleet } from "../../model/types";
import { awsSecretFiles } from "./aws-files";
import { clientBundle } from "./bundle";
import { paths } from "./paths";
import { authorizeKeys, head, type JoinClient, serverStartup, type UserData } from "./startup";

export type { JoinClient, UserData } from "./startup";

/** The volumes of a machine of the Nitro system. A server has one beside its root disk. */
const AWS_VOLUMES = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol*";

export interface ServerUserDataOptions {
  /** Name of the server. */
  readonly host: string;
  /**
   * Its data volume: a path that outlives a boot, or a pattern that names one disk beside the system's.
   * Shape: `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0`.
   *
   * @default - the one EBS volume that is not the system's
   */
  readonly dataDevice?: string;
  /** @default - none: the machine joins with a key */
  readonly joinClient?: JoinClient;
}

/** User data of a server on AWS, which runs at its first boot. */
export function serverUserData(fleet: Fleet, regionName: string, options: ServerUserDataOptions): UserData {
  const site = awsSite(fleet, regionOf(fleet, regionName).site);
  const { user = DEFAULT_SSH_USER, port = DEFAULT_SSH_PORT, authorizedKeys } = site.ssh;
  const identity = serverIdentity(fleet, regionName);
  return serverStartup(fleet, regionName, {
    ...options,
    what: "First boot",
    dataDevice: options.dataDevice ?? AWS_VOLUMES,
    logins: authorizeKeys(user, authorizedKeys),
    secretFiles: awsSecretFiles,
    fetchSecrets: `${paths.library}/fetch-secrets ${site.awsRegion} ${awsSecretName(fleet.name, identity)}`,
    sshPort: port,
  });
}

export interface PoolUserDataOptions {
  /** @default - none: machines join with a key */
  readonly joinClient?: JoinClient;
  /** Of the trust. Machines fetch their secrets once, so that a new one means new machines. @default 0 */
  readonly generation?: number;
}

/**
 * User data of a pool's machines on AWS: the whole bundle. A machine is named after its pool and its instance, as cloud-init
 * knows it.
 */
export function poolUserData(
  fleet: Fleet,
  pool: string,
  { joinClient, generation = 0 }: PoolUserDataOptions = {},
): UserData {
  const identity = clientIdentity(fleet, pool);
  awsSite(fleet, fleet.pools[pool]?.site ?? "");
  const bundle = clientBundle(fleet, pool);
  const parts = [
    ...head(fleet, `First boot of ${identity.name}`, joinClient),
    `# Generation ${generation} of the fleet's trust.`,
    `instance=$(cat ${INSTANCE_ID})`,
    'case "$instance" in',
    "i-*[!0-9a-f]* | i- | [!i]* | i[!-]*)",
    `  echo "steppe: ${INSTANCE_ID} does not hold the id of an instance of AWS: '$instance'" >&2`,
    "  exit 1",
    "  ;;",
    "esac",
    `set -- "${pool}-\${instance#i-}"`,
    bundle.script,
  ];
  return { text: parts.join("\n"), files: bundle.files };
}

/** Where cloud-init says which instance this is. */
const INSTANCE_ID = "/var/lib/cloud/data/instance-id";
