import type { HealthAnswer } from "./autopilot";

/** What must be so again after a replacement. */
export interface Expected {
  readonly server: string;
  /** Raft id that it had. @default - not known before: any */
  readonly id?: string;
  /** Address that it had. @default - not known before: any */
  readonly address?: string;
  /** Voters of the region. @default - not looked at, since others were not healthy before either */
  readonly voters?: number;
}

/**
 * Holds a region's health against what is expected.
 *
 * @returns nothing when all is so; what is still to come; or, as `wrong`, what no waiting will mend.
 */
export function stillMissing(
  expected: Expected,
  health: HealthAnswer,
): { readonly missing: string } | { readonly wrong: string } | undefined {
  if ("failure" in health) return { missing: `an answer of the region: ${health.failure}` };
  const { server, id, address, voters } = expected;
  const found = health.servers.filter(({ name }) => name === server);
  const own = found.find((entry) => id === undefined || entry.id === id);
  const other = found.find((entry) => entry !== own && entry.healthy);
  if (id !== undefined && other !== undefined)
    return { wrong: `${server} came back with another Raft id: ${other.id}, not ${id}` };
  if (own === undefined) return { missing: `${server} to be known to Autopilot` };
  if (!own.healthy) return { missing: `${server} to be healthy` };
  if (address !== undefined && own.address !== address)
    return { wrong: `${server} came back with another address: ${own.address}, not ${address}` };
  if (!own.voter) return { missing: `${server} to be a voter` };
  if (voters === undefined) return undefined;
  const count = health.servers.filter(({ voter }) => voter).length;
  if (count !== voters) return { missing: `${voters} voters, there are ${count}` };
  return health.healthy ? undefined : { missing: "the region to be healthy" };
}
