import { paths } from "../paths";

/** How long a machine tries to get its secrets, seconds. Rights that were just given are not known everywhere at once. */
export const SECRETS_SECONDS = 300;

/** How a cloud's secret store is asked. All but names are shell text. */
export interface SecretStore {
  /** What the first argument names; the script's variable of that name holds it. */
  readonly place: "region" | "project";
  /** Library that it needs. */
  readonly library: string;
  readonly endpoint: string;
  /** Variables of the library that must be there before the first attempt. */
  readonly initial: string;
  /** Command that gets credentials; what it says on standard error is the reason of a failure. */
  readonly credentials: string;
  /** Asks for the secret; where there is none it sets \`reason\`, and fails the script or returns 1 to be asked again. */
  readonly ask: string;
  /** Command that writes the secret's text to standard output. */
  readonly text: string;
}

/**
 * Puts this machine's secrets where the bundle reads them: \`fetch-secrets <place> <secret>\`. The secret's text is what
 * \`./steppe\` delivers to other machines: lines of \`<file> <base64>\`.
 *
 * Tries again what may pass (no answer, throttling, rights or a secret that are not known yet), and stops at once where
 * waiting does not help.
 */
export const fetchSecretsScript = ({
  place,
  library,
  endpoint,
  initial,
  credentials,
  ask,
  text,
}: SecretStore): string => `#!/bin/sh
set -eu
${place}=\${1:?usage: fetch-secrets <${place}> <secret>}
secret=\${2:?usage: fetch-secrets <${place}> <secret>}
# shellcheck source=/dev/null
. ${library}
incoming=${paths.incoming}
limit=\${STEPPE_SECRETS_SECONDS:-${SECRETS_SECONDS}}
endpoint=${endpoint}
fail() {
  echo "steppe: cannot get the secret $secret of $${place}: $1" >&2
  exit 1
}
case "$${place}$secret" in
*[!A-Za-z0-9/_+=.@-]*) fail "its name or ${place} holds a character that does not belong there" ;;
esac
command -v curl >/dev/null || fail "curl is not on this machine"
umask 077
temporary=
reason=
${initial}
trap '[ -z "$temporary" ] || rm -f "$temporary"' EXIT

# Returns 1 with a reason where another attempt may help.
attempt() {
  problem=$(mktemp)
  if ! ${credentials} 2>"$problem"; then
    reason=$(cat "$problem")
    rm -f "$problem"
    return 1
  fi
  rm -f "$problem"
${ask}
  install -d -m 0700 "$incoming"
  temporary=$(mktemp "$incoming/secrets.XXXXXX")
  ${text} | sed '/^$/d' >"$temporary"
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
