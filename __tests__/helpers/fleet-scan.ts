import type { PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { DYNAMIC_PORTS } from "../../model/service-rules";
import { serverNames } from "../../model/names";
import type { Fleet } from "../../model/types";
import { policy } from "../../lab/control";
import { OPERATOR } from "../../lab/spec";
import { isReached } from "./probe";
import { flowText, type LiveTailnet, type Ports, verdicts } from "./reach-live";

const nomadPorts = [4646, 4647, 4648];
const dynamicPorts = [DYNAMIC_PORTS.from, DYNAMIC_PORTS.from + 1, 26_000, DYNAMIC_PORTS.to, DYNAMIC_PORTS.to + 1];
/** NFS, iSCSI, databases, Ray, metrics, web. */
const usualPorts = [2049, 3260, 5432, 6379, 8080, 8265, 9000, 9001, 9100];

/** A few ports: Nomad's, and where services usually are. */
export const fewPorts: Ports = {
  tcp: [22, 80, 111, 443, ...usualPorts, ...nomadPorts, ...dynamicPorts],
  udp: [53, 2049, 8080, ...nomadPorts, DYNAMIC_PORTS.from],
};

/** All well-known ports with TCP, and more with UDP. */
export const manyPorts: Ports = {
  tcp: [
    ...Array.from({ length: 1023 }, (_item, index) => index + 1),
    ...usualPorts,
    ...nomadPorts,
    ...dynamicPorts,
    ...[1433, 2375, 2376, 3000, 3306, 4222, 5000, 6443, 8000, 8443, 9090, 9200, 10_001, 10_250, 11_434, 27_017, 65_535],
  ],
  udp: [53, 67, 69, 111, 123, 137, 161, 514, 1900, 2049, 5353, 8080, ...nomadPorts, ...dynamicPorts],
};

/** What a scan of all pairs of machines found: one line per way, as {@link flowText} writes it. */
export interface Scan {
  readonly probes: number;
  readonly open: readonly string[];
  /** What the policy in force opens, as the evaluator says. */
  readonly allowed: readonly string[];
  /** Ways at which something answered, in contrast to a machine that says that nothing listens. */
  readonly answered: ReadonlySet<string>;
}

/** Probes these ports of each machine from every other. */
export async function scan(tailnet: LiveTailnet, ports: Ports): Promise<Scan> {
  const flows = tailnet.flows(ports);
  const said = verdicts(JSON.parse(await policy()) as PolicyFile, tailnet.machines, flows);
  const isAllowed = said.map((verdict) => verdict === "open");
  const seen = await tailnet.probeExpecting(flows, isAllowed, 2);
  const lines = flows.map(flowText);
  return {
    probes: flows.length,
    open: lines.filter((_line, index) => isReached(seen[index])),
    allowed: lines.filter((_line, index) => isAllowed[index]),
    answered: new Set(lines.filter((_line, index) => seen[index] === "answered")),
  };
}

/** What a fleet of on-prem machines cannot do without, from its data alone: `edge-1 -> west-1 tcp 4647`. */
export function neededWays(fleet: Fleet): string[] {
  const regions = Object.keys(fleet.regions);
  const servers = regions.flatMap((region) => serverNames(fleet, region));
  const pools = Object.values(fleet.pools);
  const clients = pools.flatMap(({ hosts = [] }) => hosts);
  const ways = (from: readonly string[], to: readonly string[], ...ports: string[]) =>
    from.flatMap((source) =>
      to
        .filter((target) => target !== source)
        .flatMap((target) => ports.map((port) => `${source} -> ${target} ${port}`)),
    );
  const callersOf = (caller: string) =>
    caller === "operators" ? [OPERATOR] : caller === "servers" ? servers : (fleet.pools[caller]?.hosts ?? []);
  return [
    ...ways(servers, servers, "tcp 4647", "tcp 4648", "udp 4648"),
    ...pools.flatMap(({ hosts = [], region }) => ways(hosts, serverNames(fleet, region), "tcp 4647")),
    ...ways([OPERATOR], servers, "tcp 4646", "tcp 22"),
    ...ways([OPERATOR], clients, "tcp 22"),
    ...Object.values(fleet.services ?? {}).flatMap(({ port, protocol = "tcp", pools: homes, callers }) => {
      const hosts = homes.flatMap((home) => fleet.pools[home]?.hosts ?? []);
      return ways(callers.flatMap(callersOf), hosts, ...protocol.split("+").map((each) => `${each} ${port}`));
    }),
  ];
}

/** A way without its address: at one of the machine's addresses is enough. */
export function withoutAddress(way: string): string {
  return way.replace(/ \(.*\)/, "");
}
