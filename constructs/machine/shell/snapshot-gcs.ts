import { GCP_LIBRARY } from "./gcp";
import { storeHead } from "./snapshot";

/** Attempts to write a snapshot; the next one is due soon enough. */
const ATTEMPTS = 3;

/**
 * Store of Google Cloud: \`snapshot-store <file> <name>\`, as the machine's service account, whose token the metadata server
 * gives; it needs \`storage.objects.create\` and nothing else. What is there is not overwritten.
 *
 * \`STORAGE_EMULATOR_HOST\` leads elsewhere, as it does for Google's own libraries.
 *
 * @see https://cloud.google.com/storage/docs/json_api/v1/objects/insert
 */
export const snapshotGcs = `#!/bin/sh
${storeHead}# shellcheck source=/dev/null
. ${GCP_LIBRARY}
fail() {
  echo "steppe snapshot: cannot write to the bucket $STEPPE_SNAPSHOT_BUCKET: $1" >&2
  exit 1
}
command -v curl >/dev/null || fail "curl is not on this machine"
storage=\${STORAGE_EMULATOR_HOST:-https://storage.googleapis.com}
object="$STEPPE_FLEET%2F$STEPPE_REGION%2F$name"
# shellcheck disable=SC2034 # the library reads it
gcp_seconds=\${STEPPE_UPLOAD_SECONDS:-280}

# Sets gcp_status (000 without a whole answer) and reason.
upload() {
  gcp_status=000
  problem=$(mktemp)
  access_token 2>"$problem" || reason=$(cat "$problem")
  rm -f "$problem"
  [ -n "$gcp_token" ] || return 0
  authorized --header 'Content-Type: application/gzip' --request POST --upload-file "$file" \\
    "$storage/upload/storage/v1/b/$STEPPE_SNAPSHOT_BUCKET/o?uploadType=media&ifGenerationMatch=0&name=$object"
  reason=$(gcp_failure)
}
attempt=1
while :; do
  upload
  case "$gcp_status" in
  200) exit 0 ;;
  412 | 403)
    # An earlier attempt came through, and its answer did not. Who may only make objects is told so in other words.
    case "$attempt $gcp_status $reason" in
    "1 "*) ;;
    *" 412 "* | *storage.objects.delete* | *"retention policy"*) exit 0 ;;
    esac
    ;;
  esac
  case "$gcp_status" in
  400 | 401 | 403 | 404 | 412) fail "$reason" ;;
  esac
  [ "$attempt" -lt ${ATTEMPTS} ] || fail "gave up after $attempt attempts: $reason"
  echo "steppe snapshot: trying again: $reason" >&2
  sleep "\${STEPPE_PAUSE_SECONDS:-$((attempt * 5))}"
  attempt=$((attempt + 1))
done
`;
