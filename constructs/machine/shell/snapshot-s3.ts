import { paths } from "../paths";
import { AWS_LIBRARY } from "./aws";
import { storeHead } from "./snapshot";

/** Attempts to write a snapshot; the next one is due soon enough. */
const ATTEMPTS = 3;

/**
 * Store that speaks S3: \`snapshot-store <file> <name>\`, with the machine's role or an access key. The request is signed
 * over the file's digest, so that a store which checks it holds what was sent or nothing. What is there is not overwritten
 * where the store knows conditional writes. Largest file: 5 GiB, S3's limit for one request.
 *
 * \`AWS_ENDPOINT_URL_S3\` leads elsewhere, as it does for AWS's own tools.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export const snapshotS3 = `#!/bin/sh
# shellcheck disable=SC2034 # the library reads them
${storeHead}# shellcheck source=/dev/null
. ${AWS_LIBRARY}
fail() {
  echo "steppe snapshot: cannot write to the bucket $STEPPE_SNAPSHOT_BUCKET: $1" >&2
  exit 1
}
command -v curl >/dev/null || fail "curl is not on this machine"
[ "$(wc -c <"$file")" -le 5368709120 ] || fail "the snapshot is larger than 5 GiB, which S3 does not take at once"
[ "$STEPPE_SNAPSHOT_CREDENTIALS" = role ] || [ -s ${paths.snapshotKey} ] ||
  fail "there is no access key in ${paths.snapshotKey}: ./steppe secret put snapshot-key, then ./steppe apply --redeliver"
key="$STEPPE_FLEET/$STEPPE_REGION/$name"
endpoint=\${AWS_ENDPOINT_URL_S3:-$STEPPE_SNAPSHOT_ENDPOINT}
if [ -n "$endpoint" ]; then
  url="$endpoint/$STEPPE_SNAPSHOT_BUCKET/$key"
else
  url="https://$STEPPE_SNAPSHOT_BUCKET.s3.$STEPPE_SNAPSHOT_AWS_REGION.amazonaws.com/$key"
fi
digest=$(sha256sum "$file" | cut -d ' ' -f 1)

credentials() {
  if [ "$STEPPE_SNAPSHOT_CREDENTIALS" = role ]; then
    role_credentials
    return
  fi
  aws_key_id=$(sed -n 1p ${paths.snapshotKey})
  aws_secret_key=$(sed -n 2p ${paths.snapshotKey})
  aws_session_token=
}
problem=$(mktemp)
trap 'rm -f "$problem"' EXIT
aws_status=000
signed_seconds=\${STEPPE_UPLOAD_SECONDS:-280}
attempt=1
while :; do
  if credentials 2>"$problem"; then
    signed "$STEPPE_SNAPSHOT_AWS_REGION" s3 "$url" --upload-file "$file" \\
      --header "x-amz-content-sha256: $digest" --header 'If-None-Match: *' --header 'Content-Type: application/gzip'
    case "$aws_status" in
    200) exit 0 ;;
    412) [ "$attempt" -eq 1 ] || exit 0 ;; # an earlier attempt came through, and its answer did not
    esac
    reason=$(aws_failure)
  else
    reason=$(cat "$problem")
  fi
  case "$aws_status" in
  301 | 307 | 400 | 403 | 404 | 405 | 411 | 412) fail "$reason" ;;
  esac
  [ "$attempt" -lt ${ATTEMPTS} ] || fail "gave up after $attempt attempts: $reason"
  echo "steppe snapshot: trying again: $reason" >&2
  sleep "\${STEPPE_PAUSE_SECONDS:-$((attempt * 5))}"
  attempt=$((attempt + 1))
done
`;
