import { clientIdentity, identitiesOf, tagsOf } from "../../model/identities";
import { tags, type Tag } from "../../model/names";
import { DYNAMIC_PORTS } from "../../model/service-rules";
import type { Caller } from "../../model/tailnet-types";
import type { Fleet } from "../../model/types";

/** A grant: sources may reach destinations on these ports. @see https://tailscale.com/kb/1324/grants */
export interface Grant {
  readonly src: readonly string[];
  readonly dst: readonly string[];
  /** Shape: `tcp:4647`, `udp:4648`, `tcp:20000-32000`. */
  readonly ip: readonly string[];
}

/** What must hold of a policy, checked by the coordination server before it is taken. */
export interface PolicyTest {
  readonly src: string;
  readonly accept?: readonly string[];
  readonly deny?: readonly string[];
}

/** A tailnet policy file, as far as both dialects share it. */
export interface TailnetPolicy {
  /** Absent where the fleet has none. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly tagOwners: Readonly<Record<string, readonly string[]>>;
  readonly grants: readonly Grant[];
  readonly tests: readonly PolicyTest[];
}

const RPC = "tcp:4647";
const HTTP = "tcp:4646";
const SERF = ["tcp:4648", "udp:4648"] as const;

/**
 * The policy of a tailnet, from the fleet alone: servers federate, clients reach the servers of their own region,
 * operators reach servers and SSH, and pools reach each other only where a declared service says so.
 *
 * Both dialects are the same so far: headscale takes grants and tests as they are, and has no roles, which only
 * `tagOwners` and `operators` of the fleet may name.
 *
 * @see https://tailscale.com/kb/1337/policy-syntax
 */
export function tailnetPolicy(fleet: Fleet): TailnetPolicy {
  const owners = fleet.tailnet.tagOwners ?? ["autogroup:admin"];
  const grants = [...serverGrants(fleet), ...clientGrants(fleet), ...operatorGrants(fleet), ...serviceGrants(fleet)];
  const { groups } = fleet.tailnet;
  return {
    ...(groups === undefined ? {} : { groups }),
    tagOwners: Object.fromEntries(allTags(fleet).map((tag) => [tag, owners])),
    grants,
    tests: policyTests(fleet),
  };
}

function allTags(fleet: Fleet): readonly Tag[] {
  return [...new Set(identitiesOf(fleet).flatMap(tagsOf))].sort();
}

function serverGrants(fleet: Fleet): Grant[] {
  return [
    { src: [tags.server], dst: [tags.server], ip: [RPC, ...SERF] },
    ...Object.keys(fleet.regions).map((region) => ({
      src: [tags.regionServer(region)],
      dst: [tags.regionServer(region)],
      ip: [HTTP],
    })),
  ];
}

function clientGrants(fleet: Fleet): Grant[] {
  const regions = new Set(Object.values(fleet.pools).map((pool) => pool.region));
  return [...regions].map((region) => ({
    src: [tags.regionClient(region)],
    dst: [tags.regionServer(region)],
    ip: [RPC],
  }));
}

function operatorGrants(fleet: Fleet): Grant[] {
  const src = [tags.operator, ...(fleet.tailnet.operators ?? [])];
  return [
    { src, dst: [tags.server], ip: [HTTP, "tcp:22"] },
    { src, dst: [tags.client], ip: ["tcp:22"] },
  ];
}

function serviceGrants(fleet: Fleet): Grant[] {
  return Object.values(fleet.services ?? {}).flatMap((service) => {
    if (service.callers.length === 0) return [];
    const ports = service.port === "dynamic" ? `${DYNAMIC_PORTS.from}-${DYNAMIC_PORTS.to}` : String(service.port);
    return [
      {
        src: service.callers.flatMap((caller) => callerSubjects(fleet, caller)),
        dst: service.pools.map((pool) => tags.pool(pool)),
        ip: (service.protocol ?? "tcp").split("+").map((protocol) => `${protocol}:${ports}`),
      },
    ];
  });
}

function callerSubjects(fleet: Fleet, caller: Caller): readonly string[] {
  if (caller === "operators") return [tags.operator, ...(fleet.tailnet.operators ?? [])];
  if (caller === "servers") return [tags.server];
  return [caller.includes(":") || caller.includes("@") ? caller : tags.pool(caller)];
}

/** Clients reach RPC of their own region's servers, and neither Serf nor another region. */
function policyTests(fleet: Fleet): PolicyTest[] {
  return Object.keys(fleet.pools).map((pool) => {
    const own = clientIdentity(fleet, pool).region;
    const others = Object.keys(fleet.regions).filter((region) => region !== own);
    return {
      src: tags.pool(pool),
      accept: [`${tags.regionServer(own)}:4647`],
      deny: [`${tags.regionServer(own)}:4648`, ...others.map((region) => `${tags.regionServer(region)}:4647`)],
    };
  });
}
