import { paths } from "../paths";
import { AWS_LIBRARY } from "./aws";

/** How long a machine tries to get its secrets, seconds. A role that was just made is not known everywhere at once. */
export const SECRETS_SECONDS = 300;

/**
 * Puts this machine's entry of Secrets Manager where the bundle reads secrets: \`fetch-secrets <region> <secret>\`. The
 * entry's text is what \`./steppe\` delivers to other machines: lines of \`<file> <base64>\`.
 *
 * Tries again what may pass (no answer, throttling, a role or a secret that is not known yet), and stops at once where
 * waiting does not help.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export const awsSecrets = `#!/bin/sh
set -eu
region=\${1:?usage: fetch-secrets <region> <secret>}
secret=\${2:?usage: fetch-secrets <region> <secret>}
# shellcheck source=/dev/null
. ${AWS_LIBRARY}
incoming=${paths.incoming}
limit=\${STEPPE_SECRETS_SECONDS:-${SECRETS_SECONDS}}
endpoint=\${AWS_ENDPOINT_URL_SECRETS_MANAGER:-https://secretsmanager.$region.amazonaws.com}
fail() {
  echo "steppe: cannot get the secret $secret of $region: $1" >&2
  exit 1
}
case "$region$secret" in
*[!A-Za-z0-9/_+=.@-]*) fail "its name or region holds a character that does not belong there" ;;
esac
command -v curl >/dev/null || fail "curl is not on this machine"
umask 077
temporary=
reason=
aws_status=000
aws_body=
trap '[ -z "$temporary" ] || rm -f "$temporary"' EXIT

# Returns 1 with a reason where another attempt may help.
attempt() {
  problem=$(mktemp)
  if ! role_credentials 2>"$problem"; then
    reason=$(cat "$problem")
    rm -f "$problem"
    return 1
  fi
  rm -f "$problem"
  signed "$region" secretsmanager "$endpoint/" --request POST \\
    --header 'Content-Type: application/x-amz-json-1.1' --header 'X-Amz-Target: secretsmanager.GetSecretValue' \\
    --data "{\\"SecretId\\":\\"$secret\\"}"
  if [ "$aws_status" != 200 ]; then
    reason=$(aws_failure)
    case "$reason" in
    *InvalidRequestException* | *ValidationException* | *InvalidParameterException* | *DecryptionFailure* | *IncompleteSignature* | *SignatureDoesNotMatch*)
      fail "$reason"
      ;;
    esac
    return 1
  fi
  install -d -m 0700 "$incoming"
  temporary=$(mktemp "$incoming/secrets.XXXXXX")
  printf '%s' "$aws_body" | json SecretString | sed 's/\\\\n/\\n/g;s:\\\\/:/:g' | sed '/^$/d' >"$temporary"
  [ -s "$temporary" ] || fail "the answer holds no text of a secret; was it ever written?"
  if grep -qvE '^[a-z][a-z.-]* [A-Za-z0-9+/]+=*$' "$temporary"; then
    fail "it is not what ./steppe writes (lines of a file name and base64)"
  fi
  mv "$temporary" "$incoming/secrets"
  temporary=
}

begun=$(date +%s)
pause=1
until attempt; do
  elapsed=$(($(date +%s) - begun))
  [ "$elapsed" -lt "$limit" ] || fail "gave up after $elapsed s: $reason"
  echo "steppe: waiting for the secret $secret ($elapsed s): $reason" >&2
  # Many machines are born at once: they shall not ask at once again.
  sleep "$pause.$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')"
  [ "$pause" -ge 16 ] || pause=$((pause * 2))
done
`;
