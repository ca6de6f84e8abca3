import { DEFAULT_SSH_PORT } from "../../model/aws-names";
import { DEFAULT_GCP_SSH_USER, GCP_DATA_DEVICE_PATH } from "../../model/gcp-names";
import { gcpSite } from "../../model/gcp-site";
import type { GcpSsh } from "../../model/gcp-types";
import { clientIdentity, serverIdentity } from "../../model/identities";
import { regionOf } from "../../model/names";
import type { Fleet } from "../../model/types";
import { clientBundle } from "./bundle";
import { gcpSecretFiles, gcpSecretsCommand } from "./gcp-files";
import { paths } from "./paths";
import { gcpMetadata } from "./shell/gcp";
import { packageStep } from "./shell/install";
import { authorizeKeys, head, type JoinClient, serverStartup, type UserData } from "./startup";

/** How long a machine asks the metadata server for its name, seconds. */
const NAME_SECONDS = 60;

export interface GcpServerStartupOptions {
  /** Name of the server. */
  readonly host: string;
  /** @default - none: the machine joins with a key */
  readonly joinClient?: JoinClient;
  /** Of the trust. @default 0 */
  readonly generation?: number;
}

/**
 * Startup script of a server on Google Cloud, which runs at every boot. Once the bundle has come it does nothing: the script
 * is as old as the machine, and what the bundle brought is newer.
 */
export function gcpServerStartup(fleet: Fleet, regionName: string, options: GcpServerStartupOptions): UserData {
  const site = gcpSite(fleet, regionOf(fleet, regionName).site);
  const identity = serverIdentity(fleet, regionName);
  const { generation = 0, ...own } = options;
  return serverStartup(fleet, regionName, {
    ...own,
    what: "Startup script",
    before: `# Generation ${generation} of the fleet's trust.
if [ -s ${paths.files} ]; then
  echo "steppe: server ${options.host} has its bundle; its startup script has nothing to do"
  exit 0
fi`,
    logins: logins(site.ssh),
    secretFiles: gcpSecretFiles,
    fetchSecrets: gcpSecretsCommand(fleet.name, site, identity),
    dataDevice: GCP_DATA_DEVICE_PATH,
    sshPort: site.ssh.port ?? DEFAULT_SSH_PORT,
  });
}

export interface GcpPoolStartupOptions {
  /** @default - none: machines join with a key */
  readonly joinClient?: JoinClient;
  /** Of the trust: a new one means new machines. @default 0 */
  readonly generation?: number;
}

/**
 * Startup script of a pool's machines on Google Cloud: the whole bundle, at every boot. A machine is named after its pool and
 * what its group put behind its own name in the machine's.
 */
export function gcpPoolStartup(
  fleet: Fleet,
  pool: string,
  { joinClient, generation = 0 }: GcpPoolStartupOptions = {},
): UserData {
  const identity = clientIdentity(fleet, pool);
  const { install = { kind: "repository" } } = gcpSite(fleet, fleet.pools[pool]?.site ?? "");
  const bundle = clientBundle(fleet, pool);
  const parts = [
    ...head(fleet, `Startup script of ${identity.name}`, joinClient),
    `# Generation ${generation} of the fleet's trust.`,
    install.kind === "repository" ? packageStep("curl", "curl") : needCurl,
    `${gcpMetadata}${instanceName}set -- "${pool}-\${instance##*-}"`,
    bundle.script,
  ];
  return { text: parts.join("\n"), files: bundle.files };
}

const needCurl = `command -v curl >/dev/null || {
  echo "steppe: this machine's image has no curl on PATH; add it, or choose another install source" >&2
  exit 1
}`;

/** Sets \`instance\` to the machine's name. @see https://cloud.google.com/compute/docs/naming-resources */
const instanceName = `begun=$(date +%s)
metadata instance/name
while [ "$metadata_status" != 200 ] && [ $(($(date +%s) - begun)) -lt "\${STEPPE_NAME_SECONDS:-${NAME_SECONDS}}" ]; do
  sleep 1
  metadata instance/name
done
instance=$metadata_body
case "$instance" in
*[!a-z0-9-]* | [!a-z]* | *- | "")
  echo "steppe: the metadata server gives no name of this machine (HTTP $metadata_status): '$(printf '%s' "$instance" | tr -cd '[:print:]' | cut -c 1-80)'" >&2
  exit 1
  ;;
*-*) ;;
*)
  echo "steppe: the name of this machine, $instance, is none that a managed instance group gives" >&2
  exit 1
  ;;
esac
`;

/** With OS Login, IAM decides who logs in. Elsewhere the login is made, for root's rights too: delivery needs them. */
function logins({ user = DEFAULT_GCP_SSH_USER, authorizedKeys, osLogin = false }: GcpSsh): string {
  if (osLogin) return "# OS Login lets the operators in.";
  return `id ${user} >/dev/null 2>&1 || useradd --create-home --user-group --shell /bin/bash --password '*' ${user}
put 0440 root:root /etc/sudoers.d/steppe none <<'STEPPE_END'
${user} ALL=(ALL) NOPASSWD:ALL
STEPPE_END
${authorizeKeys(user, authorizedKeys)}`;
}
