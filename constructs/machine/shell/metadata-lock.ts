/** Slice of all that may ask the metadata service. A constant of its own, since rules name it before units are there. */
export const SYSTEM_SLICE = "steppe.slice";

/** A cloud's metadata service. */
export interface MetadataService {
  /** Its IPv6 address, next to 169.254.169.254. */
  readonly ipv6: string;
  /**
   * Ports at which it serves something else than metadata; they stay open to all.
   *
   * @default - none
   */
  readonly open?: { readonly tcp: readonly number[]; readonly udp: readonly number[] };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html#instancedata-limit-access */
export const AWS_METADATA: MetadataService = { ipv6: "fd00:ec2::254" };

/**
 * Google's serves DNS, DHCP and the time from the same addresses.
 *
 * @see https://cloud.google.com/compute/docs/metadata/overview
 * @see https://cloud.google.com/compute/docs/internal-dns#name-resolution
 */
export const GCP_METADATA: MetadataService = {
  ipv6: "fd20:ce::254",
  open: { tcp: [53], udp: [53, 67, 123] },
};

/**
 * Keeps tasks away from the machine's metadata service, and so from its role: \`metadata-lock up|down\`. May run again and
 * again.
 *
 * - What is forwarded (bridges of containers, CNI networks) is dropped.
 * - What begins on the machine itself is dropped unless it comes from root in \`steppe.slice\`: tailscaled, the Nomad agent
 *   and Steppe's own units. Tasks are elsewhere, also those in the host's network: Nomad puts them into \`nomad.slice\`,
 *   Docker its containers into scopes of its own.
 * - Where slices cannot be told apart (cgroup v1, or a kernel without the match) only the user counts: root on the machine's
 *   own network reaches the service, all others do not. That is said at each start.
 *
 * Not covered: a task that is root on the machine without isolation (raw_exec, a privileged container) can take rules
 * away. What the agent fetches for a job (artifacts) comes from the agent's place. Services of the image that ask the
 * metadata service (AWS's SSM agent) are shut out too, unless they run in the slice.
 *
 * @see https://www.netfilter.org/projects/nftables/manpage.html (socket expression)
 */
export const metadataLock = ({ ipv6, open }: MetadataService): string => `#!/bin/sh
set -eu
command -v nft >/dev/null || {
  echo "steppe: nft is not on this machine, so tasks cannot be kept from its metadata service: install nftables, or allow them in the fleet (taskMetadataAccess)" >&2
  exit 1
}
table() { # beside being root, what lets packets of this machine pass
  cat <<RULES
table inet steppe_metadata
delete table inet steppe_metadata
table inet steppe_metadata {
  chain forward {
    type filter hook forward priority -10; policy accept;
    ip daddr 169.254.169.254 ${open === undefined ? "drop" : "jump foreign"}
    ip6 daddr ${ipv6} ${open === undefined ? "drop" : "jump foreign"}
  }
  chain output {
    type filter hook output priority -10; policy accept;
    ip daddr 169.254.169.254 jump own
    ip6 daddr ${ipv6} jump own
  }
${open === undefined ? "" : `  chain foreign {\n${accept(open)}    drop\n  }\n`}  chain own {
${open === undefined ? "" : accept(open)}    meta skuid 0 $1 accept
    drop
  }
}
RULES
}
case "\${1:-}" in
up)
  if ! [ -e /sys/fs/cgroup/cgroup.controllers ] || ! table 'socket cgroupv2 level 1 "${SYSTEM_SLICE}"' | nft -f - 2>/dev/null; then
    table "" | nft -f -
    echo "steppe: tasks that run as root in the machine's own network reach its metadata service: slices cannot be told apart here, which takes cgroup v2" >&2
  fi
  ;;
down)
  printf 'table inet steppe_metadata\\ndelete table inet steppe_metadata\\n' | nft -f -
  ;;
*)
  echo "usage: metadata-lock up|down" >&2
  exit 2
  ;;
esac
`;

function accept({ tcp, udp }: Required<MetadataService>["open"]): string {
  return `    tcp dport { ${tcp.join(", ")} } accept\n    udp dport { ${udp.join(", ")} } accept\n`;
}
