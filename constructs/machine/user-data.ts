import { awsSecretName, DEFAULT_SSH_PORT, DEFAULT_SSH_USER } from "../../model/aws-names";
import { awsSite } from "../../model/aws-site";
import type { AwsSite } from "../../model/aws-types";
import { clientIdentity, serverIdentity } from "../../model/identities";
import { regionOf } from "../../model/names";
import type { Fleet } from "../../model/types";
import { DEFAULT_TAILSCALE_VERSION } from "../../model/versions";
import { AssumptionError } from "../core/problems";
import { awsSecretFiles } from "./aws-files";
import { clientBundle, dataDirectory, installStep, serverBundle } from "./bundle";
import { type BundleFile, putStep, script } from "./bundle-file";
import { dataPaths, paths } from "./paths";
import { dataVolume } from "./shell/data-volume";
import { checkVersions, placeJoinClient, prologue, secretReader } from "./shell/install";
import { placeHostKey } from "./shell/sshd";

/** What a cloud runs at a machine's first boot, and the files in it. Holds no secret. */
export interface UserData {
  readonly text: string;
  readonly files: readonly BundleFile[];
}

/** As which client of the tailnet machines join by workload identity; the provider makes up both. */
export interface JoinClient {
  readonly id: string;
  readonly audience: string;
}

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

/**
 * User data of a server on AWS: logins, data volume, SSH host key, tailnet, and no more, so that it stays as it is while the fleet changes. The
 * bundle follows over the tailnet; the files here are those of the bundle, so that nothing is restarted when it comes.
 *
 * Nomad is not installed yet: its package brings a unit that tailscaled's would start.
 */
export function serverUserData(fleet: Fleet, regionName: string, options: ServerUserDataOptions): UserData {
  const siteName = regionOf(fleet, regionName).site;
  const site = awsSite(fleet, siteName);
  const identity = serverIdentity(fleet, regionName);
  const directory = dataDirectory(fleet, siteName);
  const { host, dataDevice = AWS_VOLUMES, joinClient } = options;
  const source = site.install ?? { kind: "repository" };
  const bundle = serverBundle(fleet, regionName).files;
  const own = [...awsSecretFiles, script("data-volume", dataVolume)];
  const shared = [
    `${paths.library}/join`,
    `${paths.units}/tailscaled.service`,
    `${paths.units}/steppe-join.service`,
    paths.machineEnv,
  ].map((path) => fileAt(bundle, path));
  const parts = [
    ...head(fleet, `server ${host}`, joinClient),
    `set -- ${host}`,
    `tailscale_version=${fleet.versions?.tailscale ?? DEFAULT_TAILSCALE_VERSION}`,
    prologue,
    logins(site),
    ...own.map(putStep),
    `${paths.library}/data-volume '${dataDevice}' ${directory}`,
    installStep(fleet, identity, source, ["tailscale"]),
    checkVersions(["tailscale"]),
    ...(source.kind === "repository" ? ["need curl curl"] : []),
    `install -d -m 0755 ${paths.settings}`,
    `install -d -m 0700 ${dataPaths(directory).tailscale}`,
    `printf '%s\\n' "$host" | put 0644 root:root ${paths.hostName} nomad`,
    ...shared.map(putStep),
    `${paths.library}/fetch-secrets ${site.awsRegion} ${awsSecretName(fleet.name, identity)}`,
    secretReader,
    placeHostKey(site.ssh.port ?? DEFAULT_SSH_PORT),
    identity.join.kind === "workload-identity"
      ? placeJoinClient
      : `secret tailnet.key | put 0600 root:root ${paths.authKey} none`,
    `rm -f ${paths.incoming}/secrets`,
    joinTailnet,
  ];
  return { text: parts.join("\n"), files: [...own, ...shared] };
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
    ...head(fleet, identity.name, joinClient),
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

function head(fleet: Fleet, whose: string, joinClient: JoinClient | undefined): readonly string[] {
  return [
    "#!/bin/sh",
    `# First boot of ${whose}, fleet ${fleet.name}. Rendered by Steppe.`,
    "# shellcheck disable=SC2034 # not every setting of the bundle has a use at the first boot",
    "set -eu",
    ...(joinClient === undefined
      ? []
      : [
          `STEPPE_CLIENT_ID='${joinClient.id}'`,
          `STEPPE_AUDIENCE='${joinClient.audience}'`,
          "export STEPPE_CLIENT_ID STEPPE_AUDIENCE",
        ]),
  ];
}

/** Lets the operators in, before anything that can fail. */
function logins({ ssh: { user = DEFAULT_SSH_USER, authorizedKeys } }: AwsSite): string {
  return `home=$(getent passwd ${user} | cut -d: -f6)
[ -n "$home" ] || { echo "steppe: this machine's image has no login ${user}: name its own in the site's ssh.user" >&2; exit 1; }
install -d -m 0700 -o ${user} -g "$(id -gn ${user})" "$home/.ssh"
put 0600 "${user}:$(id -gn ${user})" "$home/.ssh/authorized_keys" none <<'STEPPE_END'
${authorizedKeys.join("\n")}
STEPPE_END`;
}

const joinTailnet = `systemctl daemon-reload
systemctl enable --quiet tailscaled.service steppe-join.service
if [ -e "$changed/tailscaled" ]; then
  systemctl restart tailscaled.service
else
  systemctl start tailscaled.service
fi
systemctl restart steppe-join.service || {
  journalctl -u steppe-join.service -n 5 --no-pager -o cat >&2
  exit 1
}
echo "steppe: $host is in the tailnet and waits for its bundle"
`;

function fileAt(files: readonly BundleFile[], path: string): BundleFile {
  const found = files.find((entry) => entry.path === path);
  if (found === undefined) throw new AssumptionError(`the bundle has no ${path}`);
  return found;
}
