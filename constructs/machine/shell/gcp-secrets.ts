import { fetchSecretsScript } from "./fetch-secrets";
import { GCP_LIBRARY } from "./gcp";

/**
 * Gets the newest version of this machine's secret from Secret Manager: \`fetch-secrets <project> <secret>\`.
 *
 * \`CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER\` leads elsewhere, as it does for Google's command line.
 *
 * @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
 */
export const gcpSecrets = fetchSecretsScript({
  place: "project",
  library: GCP_LIBRARY,
  endpoint: "${CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER:-https://secretmanager.googleapis.com/}",
  initial: "gcp_status=000\ngcp_body=",
  credentials: "access_token",
  ask: `  authorized "\${endpoint%/}/v1/projects/$project/secrets/$secret/versions/latest:access"
  if [ "$gcp_status" != 200 ]; then
    reason=$(gcp_failure)
    case "$reason" in
    *INVALID_ARGUMENT* | *FAILED_PRECONDITION*) fail "$reason" ;;
    *"insufficient authentication scopes"*) fail "$reason Give the machine's service account the scope cloud-platform." ;;
    esac
    return 1
  fi`,
  text: `printf '%s' "$gcp_body" | json data | base64 -d 2>/dev/null`,
});
