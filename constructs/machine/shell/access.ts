import { paths } from "../paths";

/** What the units of external access read: addresses as `access` found them. */
export const ACCESS_ENV = `${paths.runtime}/access.env`;

/**
 * Opens this server for the load balancer: \`access <network>...\`. Finds the machine's address in the site's networks and the one
 * that Nomad's guard wrote down, and starts the sockets on the former. Where either is missing nothing listens.
 */
export const access = opener();

/** The same behind a load balancer that passes packets on as they are, and listens on a port of its own. */
export function passthroughAccess(port: number): string {
  return opener(
    `${paths.library}/access-passthrough up "$address" ${port} || refuse "packets to the load balancer are not taken"\n`,
  );
}

/** @param prepare - what is done before anything listens. */
function opener(prepare = ""): string {
  return `#!/bin/sh
set -eu
refuse() {
  rm -f ${ACCESS_ENV}
  echo "steppe access: Nomad is not reachable from outside the tailnet: $1" >&2
  exit 1
}
[ "$#" -gt 0 ] || refuse "usage: access <network>..."
nomad=$(sed -n 's/^ *"bind_addr": "\\([0-9.]*\\)",*$/\\1/p' ${paths.runtimeConfig} 2>/dev/null || true)
[ -n "$nomad" ] || refuse "its guard has found no tailnet address; see: journalctl -u nomad"
ip -4 -o address show dev tailscale0 2>/dev/null | grep -q " $nomad/" ||
  refuse "the tailnet address $nomad of its guard is not on tailscale0"
address=
for network in "$@"; do
  for found in $(ip -4 -o address show up scope global primary to "$network" | sed -n 's/.* inet \\([0-9.]*\\)\\/.*/\\1/p'); do
    [ -z "$address" ] || [ "$address" = "$found" ] || refuse "this machine has two addresses in $*: $address and $found"
    address=$found
  done
done
[ -n "$address" ] || refuse "this machine has no address in $*"
temporary=$(mktemp ${paths.runtime}/access.XXXXXX)
echo "STEPPE_NOMAD_ADDRESS=$nomad" >"$temporary"
chmod 0644 "$temporary"
mv "$temporary" ${ACCESS_ENV}
${prepare}systemctl start "steppe-access-api@$address.socket"
# Last: the load balancer sends callers to whom it finds healthy.
systemctl start "steppe-access-health@$address.socket"
echo "steppe access: the load balancer reaches Nomad at $address"
`;
}

/** How long an answer of Nomad's holds, seconds. Each zone's load balancer asks for itself, and more often than it is told. */
const ANSWER_SECONDS = 2;

/**
 * Answers one request of the load balancer's on standard output: for \`GET /v1/agent/health\` 200 where Nomad calls its server
 * well, 503 where it does not or says nothing, 404 for all else. It holds no token, and Nomad wants none for this.
 *
 * Nomad's own tool ends with 0 when the server is not well too, so that what counts is the answer's text.
 *
 * @see https://developer.hashicorp.com/nomad/api-docs/agent#health
 */
export const accessHealth = `#!/bin/sh
set -eu
state=\${RUNTIME_DIRECTORY:?}
reply() { # status line, text
  printf 'HTTP/1.1 %s\\r\\nContent-Type: text/plain\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s\\n' "$1" "$((\${#2} + 1))" "$2"
  exit 0
}
# One read: who sends a request in pieces, or none, is not the load balancer.
request=$(timeout 5 dd bs=2048 count=1 2>/dev/null | head -n 1 | tr -cd '[:print:]')
case "$request" in
"GET /v1/agent/health HTTP/1."[01]) ;;
*) reply "404 Not Found" "not found" ;;
esac
exec 9>"$state/lock"
flock -w 4 9 || reply "503 Service Unavailable" "no answer"
if [ -z "$(find "$state/answer" -newermt '-${ANSWER_SECONDS} seconds' 2>/dev/null)" ]; then
  said=$(STEPPE_TIMEOUT_SECONDS=3 ${paths.library}/nomad-local operator api '/v1/agent/health?type=server' 2>/dev/null | tr -d ' \\n')
  case "$said" in
  *'"ok":false'*) well=no ;;
  '{"server":{'*'"ok":true'*) well=yes ;;
  *) well=no ;;
  esac
  echo "$well" >"$state/answer"
fi
[ "$(cat "$state/answer")" = yes ] || reply "503 Service Unavailable" "not well"
reply "200 OK" "well"
`;
