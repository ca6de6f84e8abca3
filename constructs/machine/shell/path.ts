import { paths } from "../paths";

/** Before every rule of tailscaled's own, which begin at 5200 and send accepted routes to its table at 5270. */
export const OWN_NETWORK_RULE_PRIORITY = 5190;

/**
 * Care for the path of packets. \`path up\` lets the machine's own networks come before routes that it accepted from subnet
 * routers, and clamps the segment size of forwarded TCP to what the tailnet carries: bridges of containers begin at 1500
 * bytes, the tailnet ends at 1280. \`path down\` takes both back. May run again and again.
 *
 * @see https://tailscale.com/kb/1023/troubleshooting#lan-traffic-prioritization-with-overlapping-subnet-routes
 */
export const path = `#!/bin/sh
set -eu
# shellcheck source=/dev/null
. ${paths.machineEnv}
clamp_with() { # iptables or ip6tables, -A or -D
  if "$1" -w 10 -t mangle -C FORWARD -o tailscale0 -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu 2>/dev/null; then
    [ "$2" = -A ] || "$1" -w 10 -t mangle -D FORWARD -o tailscale0 -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
  elif [ "$2" = -A ]; then
    "$1" -w 10 -t mangle -A FORWARD -o tailscale0 -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
  fi
}
clamp_with_nft() { # -A or -D
  printf 'add table inet steppe\\ndelete table inet steppe\\n' | nft -f -
  [ "$1" = -A ] || return 0
  nft -f - <<'RULES'
table inet steppe {
  chain forward {
    type filter hook forward priority mangle; policy accept;
    oifname "tailscale0" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu
  }
}
RULES
}
clamp() { # -A or -D
  if command -v iptables >/dev/null; then
    clamp_with iptables "$1"
    if command -v ip6tables >/dev/null && [ -e /proc/net/if_inet6 ]; then
      clamp_with ip6tables "$1"
    fi
  elif command -v nft >/dev/null; then
    clamp_with_nft "$1"
  elif [ "$1" = -A ]; then
    echo "steppe: neither iptables nor nft is on this machine: TCP from bridged containers into the tailnet may stall on large packets; install one of them" >&2
    return 1
  fi
}
forget_own_networks() {
  while ip -4 rule del priority ${OWN_NETWORK_RULE_PRIORITY} 2>/dev/null; do :; done
}
case "\${1:-}" in
up)
  forget_own_networks
  for network in $STEPPE_OWN_NETWORKS; do
    ip -4 rule add to "$network" priority ${OWN_NETWORK_RULE_PRIORITY} lookup main
  done
  clamp -A
  ;;
down)
  forget_own_networks
  clamp -D
  ;;
*)
  echo "usage: path up|down" >&2
  exit 2
  ;;
esac
`;
