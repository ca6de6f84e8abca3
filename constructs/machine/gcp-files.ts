import { gcpSecretName } from "../../model/gcp-names";
import type { GcpSite } from "../../model/gcp-types";
import type { MachineIdentity } from "../../model/identities";
import { type BundleFile, file, script } from "./bundle-file";
import { paths } from "./paths";
import { gcp } from "./shell/gcp";
import { gcpSecrets } from "./shell/gcp-secrets";
import { SYSTEM_SLICE } from "./shell/metadata-lock";

/** What a machine needs to get its secrets from Google Cloud. */
export const gcpSecretFiles: readonly BundleFile[] = [script("gcp", gcp), script("fetch-secrets", gcpSecrets)];

/** How long a machine that has secrets tries to get them anew, seconds. */
const REFRESH_SECONDS = 30;

/** The step that fetches a server's secrets. */
export function gcpSecretsCommand(fleet: string, { project }: GcpSite, identity: MachineIdentity): string {
  return `${paths.library}/fetch-secrets ${project} ${gcpSecretName(fleet, identity)}`;
}

/**
 * Fetches the secrets of a pool's machine at every boot: one that was stopped and started again may have left the tailnet, and
 * wants a key to join anew. A machine that has secrets goes on with them where it gets none.
 */
export function fetchGcpSecrets(fleet: string, site: GcpSite, identity: MachineIdentity): string {
  const command = gcpSecretsCommand(fleet, site, identity);
  return `if [ -s ${paths.incoming}/secrets ]; then
  :
elif [ -s ${paths.tls}/key.pem ]; then
  STEPPE_SECRETS_SECONDS=\${STEPPE_SECRETS_SECONDS:-${REFRESH_SECONDS}} ${command} || echo "steppe: going on with the secrets that are here" >&2
else
  ${command}
fi
`;
}

/** Services of Google's images that ask the metadata server. Startup scripts, of which this bundle is one, come from it. */
const GUEST_SERVICES = [
  "google-guest-agent",
  "google-guest-agent-manager",
  "google-guest-compat-manager",
  "google-startup-scripts",
  "google-shutdown-scripts",
];

/**
 * Puts Google's own services among those that may ask the metadata server.
 *
 * @see https://github.com/GoogleCloudPlatform/guest-agent
 */
export const gcpGuestFiles: readonly BundleFile[] = GUEST_SERVICES.map((service) =>
  file(`${paths.units}/${service}.service.d/steppe.conf`, `[Service]\nSlice=${SYSTEM_SLICE}\n`, "guest"),
);

/** The guest agent moves; the other services are in the slice when they start next. */
export const reloadGuestAgent = `if [ -e "$changed/guest" ]; then
  systemctl try-restart google-guest-agent.service google-guest-agent-manager.service google-guest-compat-manager.service 2>/dev/null || true
fi
`;
