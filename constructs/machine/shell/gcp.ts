import { paths } from "../paths";
import { jsonString } from "./json";

/** Where the functions that talk to Google Cloud are on a machine. Sourced by other scripts. */
export const GCP_LIBRARY = `${paths.library}/gcp`;

/**
 * Defines \`metadata <path> [seconds]\`, which asks the machine's metadata server. An answer that does not say that it is
 * Google's counts for none. The server's address is taken, not its name: it holds before there is any DNS.
 *
 * \`GCE_METADATA_HOST\` leads elsewhere, as it does for Google's own libraries.
 *
 * @see https://cloud.google.com/compute/docs/metadata/querying-metadata
 */
export const gcpMetadata = `metadata_url=http://\${GCE_METADATA_HOST:-169.254.169.254}/computeMetadata/v1
# metadata <path> [seconds]: sets metadata_status (000 without a whole answer of Google's), metadata_etag, and metadata_body,
# which is empty for all but 200.
metadata() {
  metadata_answer=$(curl --disable --noproxy '*' --silent --include --connect-timeout 2 --max-time "\${2:-5}" --max-filesize 65536 \\
    --header 'Metadata-Flavor: Google' "$metadata_url/$1" 2>/dev/null) || metadata_answer=
  metadata_answer=$(printf '%s\\n' "$metadata_answer" | tr -d '\\r')
  metadata_head=$(printf '%s\\n' "$metadata_answer" | sed '/^$/,$d')
  metadata_status=$(printf '%s\\n' "$metadata_head" | sed -n '1s:^HTTP/[0-9.]* \\([0-9][0-9][0-9]\\).*:\\1:p')
  if [ -z "$metadata_status" ] || ! printf '%s\\n' "$metadata_head" | grep -qi '^metadata-flavor: *Google *$'; then
    metadata_status=000
  fi
  # shellcheck disable=SC2034 # whoever waits for a change reads it
  metadata_etag=$(printf '%s\\n' "$metadata_head" | sed -n 's/^[Ee][Tt][Aa][Gg]: *\\([A-Za-z0-9_-]*\\)$/\\1/p')
  metadata_body=
  [ "$metadata_status" != 200 ] || metadata_body=$(printf '%s\\n' "$metadata_answer" | sed '1,/^$/d')
}
`;

/**
 * Functions that ask the metadata server, and Google's APIs with the token of the machine's service account, by curl alone.
 * Tokens go to curl by its standard input, never into arguments, which every process can read.
 *
 * @see https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
 */
export const gcp = `${gcpMetadata}${jsonString}# Token of the service account; says on standard error what is missing.
access_token() {
  metadata instance/service-accounts/default/token
  gcp_token=$(printf '%s' "$metadata_body" | json access_token)
  case "$gcp_token" in
  "" | *[!A-Za-z0-9._~+/=-]*)
    gcp_token=
    echo "the metadata server gives no token (HTTP $metadata_status): has the machine a service account?" >&2
    return 1
    ;;
  esac
}
gcp_seconds=15
# authorized <arguments of curl...>: sets gcp_status (000 without a whole answer) and gcp_body. Gives up after gcp_seconds.
authorized() {
  gcp_body=$(printf 'header = "Authorization: Bearer %s"\\n' "$gcp_token" |
    curl --disable --config - --silent --connect-timeout 5 --max-time "$gcp_seconds" --max-filesize 262144 \\
      --write-out '\\n%{http_code}' "$@" 2>/dev/null) || gcp_body=000
  gcp_status=$(printf '%s\\n' "$gcp_body" | tail -n 1)
  gcp_body=$(printf '%s\\n' "$gcp_body" | sed '$d')
}
# What an API said of a failure: never more than its kind and a line of text.
gcp_failure() {
  if [ "$gcp_status" = 000 ]; then
    echo "no answer within $gcp_seconds s"
    return
  fi
  said=$(printf '%s' "$gcp_body" | json status)
  text=$(printf '%s' "$gcp_body" | json message)
  printf 'HTTP %s %s %s\\n' "$gcp_status" "$said" "$text" | tr -cd '[:print:]\\n' | tr -s ' ' | cut -c 1-300 | sed 's/ *$//'
}
`;
