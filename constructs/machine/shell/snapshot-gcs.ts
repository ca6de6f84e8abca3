import { paths } from "../paths";
import { SNAPSHOT_ENV } from "./snapshot";

/** Attempts to write a snapshot; the next one is due soon enough. */
const ATTEMPTS = 3;

/**
 * Store of Google Cloud: \`snapshot-store <file> <name>\`, as the machine's service account, whose token the metadata server
 * gives. What is there is not overwritten.
 *
 * \`GCE_METADATA_HOST\` and \`STORAGE_EMULATOR_HOST\` lead elsewhere, as they do for Google's own libraries.
 *
 * @see https://cloud.google.com/storage/docs/json_api/v1/objects/insert
 * @see https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
 */
export const snapshotGcs = `#!/bin/sh
set -eu
file=\${1:?usage: snapshot-store <file> <name>}
name=\${2:?usage: snapshot-store <file> <name>}
# shellcheck source=/dev/null
. ${paths.machineEnv}
# shellcheck source=/dev/null
. ${SNAPSHOT_ENV}
fail() {
  echo "steppe snapshot: cannot write to the bucket $STEPPE_SNAPSHOT_BUCKET: $1" >&2
  exit 1
}
command -v curl >/dev/null || fail "curl is not on this machine"
metadata="http://\${GCE_METADATA_HOST:-metadata.google.internal}/computeMetadata/v1/instance/service-accounts/default/token"
storage=\${STORAGE_EMULATOR_HOST:-https://storage.googleapis.com}
object="$STEPPE_FLEET%2F$STEPPE_REGION%2F$name"
value() { # name: of a string in the JSON on standard input
  tr -d '\\n' | sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\\([^"]*\\)".*/\\1/p'
}

# Sets status (000 without a whole answer) and reason.
upload() {
  status=000
  token=$(curl --disable --noproxy '*' --silent --fail --connect-timeout 2 --max-time 5 --max-filesize 65536 \\
    --header 'Metadata-Flavor: Google' "$metadata" 2>/dev/null | value access_token) || token=
  case "$token" in
  "" | *[!A-Za-z0-9._~+/=-]*)
    reason="the metadata server gives no token: has the machine a service account?"
    return
    ;;
  esac
  # By standard input: arguments can be read by every process.
  answer=$(printf 'header = "Authorization: Bearer %s"\\n' "$token" |
    curl --disable --config - --silent --connect-timeout 5 --max-time "\${STEPPE_UPLOAD_SECONDS:-280}" --max-filesize 262144 \\
      --header 'Content-Type: application/gzip' --request POST --upload-file "$file" --write-out '\\n%{http_code}' \\
      "$storage/upload/storage/v1/b/$STEPPE_SNAPSHOT_BUCKET/o?uploadType=media&ifGenerationMatch=0&name=$object" 2>/dev/null) || answer=000
  status=$(printf '%s\\n' "$answer" | tail -n 1)
  said=$(printf '%s\\n' "$answer" | sed '$d' | value message | tr -cd '[:print:]' | cut -c 1-300)
  reason="no answer"
  [ "$status" = 000 ] || reason="HTTP $status $said"
}
attempt=1
while :; do
  upload
  case "$status" in
  200) exit 0 ;;
  412) [ "$attempt" -eq 1 ] || exit 0 ;; # an earlier attempt came through, and its answer did not
  esac
  case "$status" in
  400 | 401 | 403 | 404 | 412) fail "$reason" ;;
  esac
  [ "$attempt" -lt ${ATTEMPTS} ] || fail "gave up after $attempt attempts: $reason"
  echo "steppe snapshot: trying again: $reason" >&2
  sleep "\${STEPPE_PAUSE_SECONDS:-$((attempt * 5))}"
  attempt=$((attempt + 1))
done
`;
