import { clientIdentity } from "../../../model/identities";
import { tags } from "../../../model/names";
import { DYNAMIC_PORTS, portBounds, protocolsOf } from "../../../model/service-rules";
import type { Fleet } from "../../../model/types";
import type { Claim } from "./claims";
import { callerSubjects } from "./subjects";

/** What must stay closed, and the narrower claims that take its place where the fleet opens a part of it. */
export interface Denial extends Claim {
  readonly kind: "deny";
  /** Tags that `dst` holds. @default [] */
  readonly parts?: readonly string[];
}

/** Claims about others of a kind, per source: enough to notice a rule that is too wide, few enough for a hundred pools. */
const SAMPLE = 4;

const tcp = (src: string, dst: string, port: number, parts?: readonly string[]): Denial => ({
  kind: "deny",
  src,
  proto: "tcp",
  dst,
  port,
  ...(parts === undefined ? {} : { parts }),
});

/** Everything that the fleet wants closed, unless it says otherwise elsewhere. */
export function denials(fleet: Fleet): Denial[] {
  return [
    ...Object.keys(fleet.regions).flatMap((region) => ofServers(fleet, region)),
    ...Object.keys(fleet.pools).flatMap((pool) => ofPool(fleet, pool)),
    ...ofOperators(),
    ...ofCallers(fleet),
    ...neighbours(fleet),
  ];
}

/** Servers ask the HTTP API of their own region alone, and open nothing on clients. */
function ofServers(fleet: Fleet, region: string): Denial[] {
  const src = tags.regionServer(region);
  return [
    ...sample(Object.keys(fleet.regions), region).map((other) => tcp(src, tags.regionServer(other), 4646)),
    ...closedMachines(fleet, src),
  ];
}

/** Clients reach RPC of their own region's servers and nothing else of the agents. */
function ofPool(fleet: Fleet, pool: string): Denial[] {
  const src = tags.pool(pool);
  const others = sample(Object.keys(fleet.regions), clientIdentity(fleet, pool).region);
  return [
    tcp(src, tags.server, 4646),
    tcp(src, tags.server, 4648),
    { ...tcp(src, tags.server, 4648), proto: "udp" },
    ...others.map((region) => tcp(src, tags.regionServer(region), 4647)),
    ...closedMachines(fleet, src),
    tcp(src, tags.client, DYNAMIC_PORTS.from, partsFor(fleet, pool)),
  ];
}

/** The agents' HTTP API on clients, and SSH on all machines. */
function closedMachines(fleet: Fleet, src: string): Denial[] {
  const parts = partsFor(fleet, src);
  return [tcp(src, tags.server, 22), tcp(src, tags.client, 22, parts), tcp(src, tags.client, 4646, parts)];
}

/** Operators have no part in RPC and Serf. */
function ofOperators(): Denial[] {
  return [tcp(tags.operator, tags.server, 4647), tcp(tags.operator, tags.server, 4648)];
}

/** Callers from outside of the fleet reach what they call, not the machines. */
function ofCallers(fleet: Fleet): Denial[] {
  const endpoints = [
    ...Object.values(fleet.services ?? {}).map(({ callers }) => callers),
    ...Object.values(fleet.sites).flatMap((site) =>
      Object.values((site.platform === "onprem" ? site.lanHosts : undefined) ?? {}).flatMap(({ services }) =>
        Object.values(services).map(({ callers }) => callers),
      ),
    ),
    fleet.metrics?.scrapers ?? [],
  ];
  const inside = new Set<string>([tags.operator, tags.server, ...Object.keys(fleet.pools).map(tags.pool)]);
  const extra = (fleet.tailnet.extraGrants ?? []).flatMap(({ src }) => src);
  const outside = [...new Set([...callerSubjects(fleet, endpoints.flat()), ...extra])].filter(
    (subject) => !inside.has(subject),
  );
  return outside.flatMap((src) => [...closedMachines(fleet, src), tcp(src, tags.server, 4646)]);
}

/** A caller reaches the ports of a service, not the one beside them, and not what else the pool runs. */
function neighbours(fleet: Fleet): Denial[] {
  const services = Object.values(fleet.services ?? {});
  return services.flatMap((service) => {
    const beside = (portBounds(service.port) ?? DYNAMIC_PORTS).to + 1;
    const claims = service.pools.flatMap((pool) => {
      const others = services.filter((other) => other !== service && other.pools.includes(pool));
      return [
        ...protocolsOf(service).map((proto) => ({ pool, proto, port: beside })),
        ...others.slice(0, SAMPLE).flatMap((other) => {
          const port = (portBounds(other.port) ?? DYNAMIC_PORTS).from;
          return protocolsOf(other).map((proto) => ({ pool, proto, port }));
        }),
      ].filter(({ port }) => port <= 65_535);
    });
    return callerSubjects(fleet, service.callers).flatMap((src) =>
      claims.map(({ pool, proto, port }): Denial => ({ ...tcp(src, tags.pool(pool), port), proto })),
    );
  });
}

/** Pools to claim instead of all clients, where a source may reach some of them. */
function partsFor(fleet: Fleet, first: string): readonly string[] {
  const names = Object.keys(fleet.pools);
  return sampleOrder(names, first).map(tags.pool);
}

/** A few others, those that follow in the fleet's order. */
function sample(names: readonly string[], own: string): readonly string[] {
  return sampleOrder(names, own)
    .filter((name) => name !== own)
    .slice(0, SAMPLE);
}

function sampleOrder(names: readonly string[], own: string): readonly string[] {
  const at = names.indexOf(own) + 1;
  return [...names.slice(at), ...names.slice(0, at)];
}

/** The claims that hold, given what is open: a wide one, or a few of its parts. */
export function standing(wanted: readonly Denial[], isClosed: (claim: Claim) => boolean): Claim[] {
  return wanted.flatMap((denial): Claim[] => {
    const { parts = [], ...claim } = denial;
    if (isClosed(claim)) return [claim];
    return parts
      .map((dst) => ({ ...claim, dst }))
      .filter(isClosed)
      .slice(0, SAMPLE);
  });
}
