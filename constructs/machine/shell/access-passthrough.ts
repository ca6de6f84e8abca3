import { ACCESS_HEALTH_PORT } from "../../../model/access";
import { ACCESS_PORT } from "../access-ports";

/**
 * Priority of the rules of routing, before tailscaled's own, which begin at 5210.
 *
 * @see https://github.com/tailscale/tailscale/blob/main/wgengine/router/osrouter/router_linux.go
 */
const RULE_PRIORITY = 5190;

/**
 * Takes what a load balancer passes on as it is: \`access-passthrough up <own address> <port>\`, \`access-passthrough down\`. May run
 * again and again.
 *
 * Packets come with the caller's address, and go to the load balancer's, which is not this machine's, and to its port. They are
 * turned to the machine's own address and to the ports that it listens on; the machine need not know the load balancer's address.
 * Nobody else's packets have a foreign destination: Google gives a machine none, unless it may forward.
 *
 * Answers leave as they would without tailscaled, or an accepted route of the tailnet would take those to callers that it covers.
 *
 * @see https://cloud.google.com/load-balancing/docs/network/networklb-backend-service
 */
export const accessPassthrough = `#!/bin/sh
set -eu
command -v nft >/dev/null || {
  echo "steppe access: nft is not on this machine, and what the load balancer passes on cannot be turned to it: install nftables" >&2
  exit 1
}
close() {
  printf 'table ip steppe_access\\ndelete table ip steppe_access\\n' | nft -f -
  while ip rule del priority ${RULE_PRIORITY} 2>/dev/null; do :; done
}
case "\${1:-}" in
up)
  address=\${2:?usage: access-passthrough up <own address> <port>}
  port=\${3:?usage: access-passthrough up <own address> <port>}
  device=$(ip -4 -o address show up to "$address/32" | sed -n '1s/^[0-9]*: *\\([^ @]*\\).*/\\1/p')
  [ -n "$device" ] || {
    echo "steppe access: no device has the address $address" >&2
    exit 1
  }
  close
  for own in ${ACCESS_PORT} ${ACCESS_HEALTH_PORT}; do
    ip rule add priority ${RULE_PRIORITY} from "$address" ipproto tcp sport "$own" lookup main
  done
  nft -f - <<RULES
table ip steppe_access {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "$device" ip daddr != $address tcp dport $port dnat to $address:${ACCESS_PORT}
    iifname "$device" ip daddr != $address tcp dport ${ACCESS_HEALTH_PORT} dnat to $address:${ACCESS_HEALTH_PORT}
  }
}
RULES
  ;;
down) close ;;
*)
  echo "usage: access-passthrough up <own address> <port> | access-passthrough down" >&2
  exit 2
  ;;
esac
`;
