import { paths } from "../paths";

/**
 * Bounded waits that say what they wait for. \`gate region <seconds> [namespace/<name>|node-pool/<name>]...\` waits until the
 * region has a leader, ACLs are bootstrapped and the named objects have been replicated here. \`gate plugin <seconds> <id> <yes|no>\`
 * waits until a CSI plugin answers on every node that runs it, and has a controller where it needs one.
 */
export const gate = `#!/bin/sh
set -eu
# shellcheck source=/dev/null
. ${paths.machineEnv}
nomad_local=${paths.library}/nomad-local

# A server that does not exist yet has no name either, and looking it up may take long to fail.
ask() { # server, path
  NOMAD_ADDR="https://$1:4646" STEPPE_TIMEOUT_SECONDS=3 $nomad_local operator api "$2" 2>/dev/null || true
}

leader() {
  for server in 127.0.0.1 $(printf '%s' "$STEPPE_SERVERS" | tr ',' ' '); do
    case "$server" in
    "$(cat ${paths.hostName})".*) continue ;;
    esac
    found=$(ask "$server" "/v1/status/leader?region=$STEPPE_REGION" | tr -d '"\\n')
    case "$found" in
    *:*) printf '%s' "$found" && return 0 ;;
    esac
  done
  return 1
}

peers() {
  $nomad_local operator api /v1/status/peers 2>/dev/null | tr ',' '\\n' | grep -c : || true
}

autopilot() {
  $nomad_local operator api /v1/operator/autopilot/health 2>/dev/null || true
}

tolerance() {
  autopilot | tr -d ' \\n' | grep -o '"FailureTolerance":[0-9]*' | cut -d: -f2
}

healthy_voter() {
  health=$(autopilot | tr -d ' \\n')
  case "$health" in
  *'"Healthy":false'*) return 1 ;;
  *"\\"Name\\":\\"$(cat ${paths.hostName}).$STEPPE_REGION\\""*) return 0 ;;
  *) return 1 ;;
  esac
}

wait_for() { # seconds, what, command...
  seconds=$1
  what=$2
  shift 2
  begun=$(date +%s)
  told=$begun
  while ! "$@"; do
    now=$(date +%s)
    if [ $((now - begun)) -ge "$seconds" ]; then
      echo "steppe gate: gave up after $seconds s waiting for $what" >&2
      return 1
    fi
    if [ $((now - told)) -ge 10 ]; then
      echo "steppe gate: still waiting for $what ($((now - begun)) s)"
      told=$now
    fi
    sleep 1
  done
}

# Asked directly, for gossip takes seconds to notice that a server is gone.
others_answer() { # at least this many
  count=0
  for server in $(printf '%s' "$STEPPE_SERVERS" | tr ',' ' '); do
    case "$server" in
    "$(cat ${paths.hostName})".*) continue ;;
    esac
    case "$(ask "$server" /v1/status/leader)" in
    *:*) count=$((count + 1)) ;;
    esac
  done
  [ "$count" -ge "$1" ]
}
can_spare_this() { tolerates_failure && others_answer $((STEPPE_SERVER_COUNT / 2 + 1)); }
has_leader() { leader >/dev/null; }
all_peers() { [ "$(peers)" -ge "$STEPPE_SERVER_COUNT" ]; }
tolerates_failure() { [ "$(tolerance || true)" -ge 1 ] 2>/dev/null; }
token_known() { $nomad_local acl token self >/dev/null 2>&1; }
replicated() {
  case "$1" in
  namespace/*) $nomad_local namespace status "\${1#namespace/}" >/dev/null 2>&1 ;;
  node-pool/*) $nomad_local node pool info "\${1#node-pool/}" >/dev/null 2>&1 ;;
  *) echo "steppe gate: unknown object $1" >&2 && exit 2 ;;
  esac
}

# What Nomad knows of a plugin, one "name":number a line.
plugin_counts() { # id
  $nomad_local operator api "/v1/plugin/csi/$1" 2>/dev/null | tr -d ' \\n' | grep -o '"\\(ControllersHealthy\\|NodesHealthy\\|NodesExpected\\)":[0-9]*' || true
}
plugin_count() { # id, name
  plugin_counts "$1" | sed -n "s/^\\"$2\\"://p"
}
plugin_mounts() {
  healthy=$(plugin_count "$1" NodesHealthy)
  [ "\${healthy:-0}" -ge 1 ] && [ "$healthy" -ge "$(plugin_count "$1" NodesExpected)" ]
}
plugin_manages() {
  managers=$(plugin_count "$1" ControllersHealthy)
  [ "\${managers:-0}" -ge 1 ]
}

command=$1
shift
case "$command" in
leader)
  leader
  ;;
region)
  limit=$1
  shift
  wait_for "$limit" "a leader of region $STEPPE_REGION" has_leader
  wait_for "$limit" "region $STEPPE_REGION to know the operator's token (ACL bootstrap, replication)" token_known
  for object in "$@"; do
    wait_for "$limit" "$object to be replicated to region $STEPPE_REGION" replicated "$object"
  done
  echo "steppe gate: region $STEPPE_REGION is ready, leader $(leader)"
  ;;
plugin)
  limit=$1
  wait_for "$limit" "CSI plugin $2 to be healthy on every node that runs it (nomad plugin status $2)" plugin_mounts "$2"
  [ "$3" = no ] || wait_for "$limit" "a healthy controller of CSI plugin $2 (nomad plugin status $2)" plugin_manages "$2"
  echo "steppe gate: CSI plugin $2 is healthy"
  ;;
before-restart)
  if [ "$STEPPE_SERVER_COUNT" -gt 1 ] && has_leader; then
    wait_for 120 "region $STEPPE_REGION to tolerate the loss of this server" can_spare_this || {
      echo "steppe gate: not restarting $(cat ${paths.hostName}): region $STEPPE_REGION tolerates no failure now; bring its other servers back first" >&2
      exit 1
    }
  fi
  ;;
before-remove)
  voters=$(peers)
  if [ "$voters" -gt 1 ]; then
    wait_for 30 "a majority of the servers of region $STEPPE_REGION that stay" others_answer $(((voters - 1) / 2 + 1)) || {
      echo "steppe gate: not removing $(cat ${paths.hostName}): region $STEPPE_REGION could lose its quorum; repair its other servers first" >&2
      exit 1
    }
  fi
  ;;
peer-id)
  name="$(cat ${paths.hostName}).$STEPPE_REGION"
  autopilot | tr -d ' \\n"' | tr '{' '\\n' | sed -n "s/^.*ID:\\([^,]*\\),.*Name:$name,.*/\\1/p;s/^ID:\\([^,]*\\),Name:$name,.*/\\1/p" | head -n 1
  ;;
formed)
  wait_for 180 "$STEPPE_SERVER_COUNT servers of region $STEPPE_REGION to elect a leader" has_leader
  wait_for 60 "$STEPPE_SERVER_COUNT Raft peers in region $STEPPE_REGION" all_peers
  ;;
voter)
  wait_for 180 "Autopilot to call this server a healthy voter of region $STEPPE_REGION" healthy_voter
  ;;
*)
  echo "usage: gate leader|region|plugin|before-restart|before-remove|peer-id|formed|voter" >&2
  exit 2
  ;;
esac
`;
