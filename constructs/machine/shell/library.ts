import { paths } from "../paths";

const HEADER = `#!/bin/sh
set -eu
`;

/** Runs the nomad command against the agent of this machine, with its certificate and, on servers, its token. */
export const nomadLocal = `${HEADER}
NOMAD_ADDR=\${NOMAD_ADDR:-https://127.0.0.1:4646}
NOMAD_CACERT=${paths.tls}/ca.pem
NOMAD_CLIENT_CERT=${paths.tls}/cert.pem
NOMAD_CLIENT_KEY=${paths.tls}/key.pem
export NOMAD_ADDR NOMAD_CACERT NOMAD_CLIENT_CERT NOMAD_CLIENT_KEY
if [ -r ${paths.managementToken} ]; then
  NOMAD_TOKEN=$(cat ${paths.managementToken})
  export NOMAD_TOKEN
fi
# Without a terminal, nomad operator api would take standard input for a body and send it with POST.
exec timeout "\${STEPPE_TIMEOUT_SECONDS:-20}" nomad "$@" </dev/null
`;

/**
 * Decides whether Nomad may start: only with a tailnet address that lies in 100.64.0.0/10 and is on tailscale0. Writes
 * bind and advertise addresses from it; everything that this script does not find stops Nomad from starting.
 */
export const guard = `${HEADER}
refuse() {
  rm -f ${paths.runtimeConfig}
  echo "steppe guard: Nomad does not start: $1" >&2
  exit 1
}
systemctl is-active --quiet tailscaled.service ||
  refuse "tailscaled is not running; start it with: systemctl start tailscaled"
address=
attempt=0
while [ "$attempt" -lt 60 ]; do
  case "$(tailscale status --json --peers=false 2>/dev/null | tr -d ' \\n')" in
  *'"TUN":false'*)
    refuse "tailscaled runs with userspace networking, so there is no interface to listen on; take --tun=userspace-networking out of its unit, drop-ins and /etc/default/tailscaled"
    ;;
  esac
  address=$(tailscale ip -4 2>/dev/null || true)
  if [ -n "$address" ] && ip -4 -o address show dev tailscale0 2>/dev/null | grep -q " $address/"; then
    break
  fi
  systemctl is-active --quiet tailscaled.service ||
    refuse "tailscaled stopped; start it with: systemctl start tailscaled"
  attempt=$((attempt + 1))
  sleep 0.5
done
[ -n "$address" ] || refuse "this machine has no tailnet address; see: tailscale status"
ip -4 -o address show dev tailscale0 2>/dev/null | grep -q " $address/" ||
  refuse "the tailnet address $address is not on interface tailscale0"
second=\${address#100.}
second=\${second%%.*}
case "$address" in
100.*.*.*) ;;
*) refuse "the address $address is not a tailnet address (100.64.0.0/10)" ;;
esac
if [ "$second" -lt 64 ] || [ "$second" -gt 127 ]; then
  refuse "the address $address is not a tailnet address (100.64.0.0/10)"
fi
host=$(cat ${paths.hostName})
install -d -m 0755 ${paths.runtime}
temporary=$(mktemp ${paths.runtime}/nomad.XXXXXX)
cat >"$temporary" <<CONFIG
{
  "name": "$host",
  "bind_addr": "$address",
  "addresses": { "http": "127.0.0.1 $address" },
  "advertise": { "http": "$address", "rpc": "$address", "serf": "$address" }
}
CONFIG
chmod 0644 "$temporary"
mv "$temporary" ${paths.runtimeConfig}
`;

/** Joins the servers of regions that the local gossip pool does not hold alive. */
export const federate = `${HEADER}
# shellcheck source=/dev/null
. ${paths.machineEnv}
members=$(${paths.library}/nomad-local server members -t '{{range .}}{{.Tags.region}} {{.Status}} {{"\\n"}}{{end}}') || {
  echo "steppe: the local agent does not answer yet" >&2
  exit 0
}
for entry in $STEPPE_FEDERATION; do
  region=\${entry%%=*}
  servers=\${entry#*=}
  if printf '%s\\n' "$members" | grep -q "^$region alive "; then
    continue
  fi
  for server in $(printf '%s' "$servers" | tr ',' ' '); do
    if ${paths.library}/nomad-local server join "$server:4648" >/dev/null 2>&1; then
      echo "steppe: joined region $region through $server"
      break
    fi
  done
done
`;

/**
 * Makes clients eligible again that drained themselves as they shut down and have come back since. Nomad leaves them
 * ineligible, and they hold no token that could change it. A drain that an operator ordered is left alone.
 *
 * @see https://developer.hashicorp.com/nomad/docs/configuration/client#drain_on_shutdown
 */
export const readmit = `${HEADER}
nodes=$(${paths.library}/nomad-local node status -t '{{range .}}{{if and (eq .Status "ready") (eq .SchedulingEligibility "ineligible") .LastDrain}}{{if and (eq (printf "%s" .LastDrain.Status) "complete") (eq (index .LastDrain.Meta "message") "shutting down")}}{{.ID}} {{end}}{{end}}{{end}}' 2>/dev/null) || exit 0
for node in $nodes; do
  back=$(${paths.library}/nomad-local node status -t '{{if gt .StatusUpdatedAt .LastDrain.UpdatedAt.Unix}}back{{end}}' "$node" 2>/dev/null || true)
  if [ "$back" = back ]; then
    ${paths.library}/nomad-local node eligibility -enable "$node" >/dev/null
    echo "steppe: node $node is back and eligible again"
  fi
done
`;

/** Bootstraps ACLs with the operator's token; a cluster that has done so is verified to know that token. */
export const aclBootstrap = `${HEADER}
deadline=$(($(date +%s) + 600))
while [ "$(date +%s)" -lt "$deadline" ]; do
  if ${paths.library}/nomad-local acl token self >/dev/null 2>&1; then
    echo "steppe: the operator's token is known"
    exit 0
  fi
  answer=$(${paths.library}/nomad-local acl bootstrap ${paths.managementToken} 2>&1 >/dev/null || true)
  case "$answer" in
  *"already done"*) echo "steppe: ACLs were bootstrapped before; waiting for the token to be known" ;;
  esac
  sleep 1
done
echo "steppe: ACLs are not bootstrapped after 600 s: no leader, or bootstrapped with another token" >&2
exit 1
`;
