import { paths } from "../paths";

const HEADER = `#!/bin/sh
set -eu
`;

/**
 * Joins the tailnet. A machine that is in keeps its node key and address: its settings are applied, and a key that was
 * delivered is deleted unused. It logs in anew only when its tags are no longer those of the fleet.
 *
 * Secrets are read from files, never put into arguments. An OAuth client's secret and a client id carry what their keys
 * shall be like: left out, the tool asks for ephemeral keys that are not approved.
 *
 * @see https://tailscale.com/kb/1215/oauth-clients#registering-new-nodes-using-oauth-credentials
 * @see https://tailscale.com/kb/1581/workload-identity-federation
 */
export const join = `${HEADER}
# shellcheck source=/dev/null
. ${paths.machineEnv}
host=$(cat ${paths.hostName})
key=${paths.authKey}
fail() {
  echo "steppe: $1" >&2
  exit 1
}
status() {
  tailscale status --json --peers=false 2>/dev/null | tr -d ' \\n' || true
}
state() {
  status | sed -n 's/.*"BackendState":"\\([A-Za-z]*\\)".*/\\1/p'
}
has_node_key() {
  case "$(status)" in
  *'"HaveNodeKey":true'*) return 0 ;;
  *) return 1 ;;
  esac
}
tags() {
  status | sed -n 's/.*"Tags":\\[\\([^]]*\\)\\].*/\\1/p' | tr -d '"'
}
has_tags() {
  carried=$(tags)
  for tag in $(printf '%s' "$STEPPE_TAGS" | tr ',' ' '); do
    case ",$carried," in
    *",$tag,"*) ;;
    *) return 1 ;;
    esac
  done
}
# After a boot tailscaled logs in by itself with the node key that it has.
settle() {
  attempt=0
  while [ "$attempt" -lt 60 ] && has_node_key; do
    case "$(state)" in
    NoState | Starting | "") sleep 0.5 ;;
    *) return 0 ;;
    esac
    attempt=$((attempt + 1))
  done
}
# The secret as the tool wants it: what it gives first counts, so that none of it can be undone by what was recorded.
oauth_secret() {
  recorded=$(cat "$key")
  attributes="ephemeral=$STEPPE_EPHEMERAL&preauthorized=true"
  case "$recorded" in
  tskey-client-*\\?*) attributes="$attributes&\${recorded#*\\?}" ;;
  tskey-client-*) ;;
  *) fail "what was delivered to $host is not the secret of an OAuth client: record it with ./steppe trust auth-key" ;;
  esac
  [ -z "\${STEPPE_KEY_SERVER:-}" ] || attributes="$attributes&baseURL=$STEPPE_KEY_SERVER"
  printf '%s?%s\\n' "\${recorded%%\\?*}" "$attributes"
}
log_in() { # flags of tailscale up
  case "$STEPPE_JOIN" in
  auth-key)
    set -- "$@" --auth-key="file:$key"
    ;;
  oauth-client)
    with_attributes=$(umask 077 && mktemp ${paths.runtime}/join.XXXXXX)
    trap 'rm -f "$with_attributes"' EXIT
    oauth_secret >"$with_attributes"
    set -- "$@" --advertise-tags="$STEPPE_TAGS" --auth-key="file:$with_attributes"
    ;;
  workload-identity)
    [ -s ${paths.joinClient} ] || fail "${paths.joinClient} is missing: $host does not know as which client it joins"
    # shellcheck source=/dev/null
    . ${paths.joinClient}
    set -- "$@" --advertise-tags="$STEPPE_TAGS" --audience="$STEPPE_AUDIENCE" \\
      --client-id="$STEPPE_CLIENT_ID?ephemeral=$STEPPE_EPHEMERAL&preauthorized=true"
    ;;
  esac
  tailscale up "$@" || fail "cannot join the tailnet at $STEPPE_LOGIN_SERVER as $host; see journalctl -u tailscaled"
  rm -f "$key"
  has_tags || fail "$host joined the tailnet with the tags $(tags), the fleet wants $STEPPE_TAGS: give it a key that carries them; if it was in before with others, remove its device from the tailnet first"
}
set -- --hostname="$host" --accept-dns=true --accept-routes="$STEPPE_ACCEPT_ROUTES" \\
  --advertise-routes="$STEPPE_ADVERTISE_ROUTES" --ssh="$STEPPE_SSH" --stateful-filtering=false
settle
if [ "$(state)" = Running ]; then
  if ! has_tags && [ -s "$key" ]; then
    log_in --force-reauth --reset --login-server="$STEPPE_LOGIN_SERVER" "$@" --timeout=60s
  else
    has_tags || echo "steppe: $host carries the tags $(tags), the fleet wants $STEPPE_TAGS; it must join anew" >&2
    tailscale set "$@"
    rm -f "$key"
  fi
elif has_node_key && [ "$(state)" != NeedsLogin ]; then
  [ "$STEPPE_JOIN" = auth-key ] || set -- "$@" --advertise-tags="$STEPPE_TAGS"
  tailscale up --reset --login-server="$STEPPE_LOGIN_SERVER" "$@" --timeout=60s ||
    fail "cannot reach the tailnet at $STEPPE_LOGIN_SERVER as $host; see journalctl -u tailscaled"
  rm -f "$key"
else
  [ -s "$key" ] || [ "$STEPPE_JOIN" = workload-identity ] ||
    fail "$host is not in the tailnet and holds no key for it: deliver one with ./steppe apply --redeliver $host"
  log_in --reset --login-server="$STEPPE_LOGIN_SERVER" "$@" --timeout=60s
fi
`;

/**
 * Takes an ephemeral machine out of the tailnet when it is switched off for good. One that boots again stays in, so that it
 * keeps its address.
 */
export const leave = `${HEADER}
case "$(systemctl list-jobs --no-legend 2>/dev/null)" in
*poweroff.target*start* | *halt.target*start*) timeout 10 tailscale logout || true ;;
esac
`;
