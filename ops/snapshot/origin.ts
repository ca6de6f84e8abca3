import type { Problem } from "../../constructs/core/problems";
import { type NomadAccess, nomadApi } from "../nomad-api";
import type { SnapshotContents } from "./contents";

/** Servers of the fleet by address, with their region. Shape: `{ "100.64.0.1:4647": "east" }`. */
export type KnownServers = Readonly<Record<string, string>>;

interface Member {
  readonly Addr: string;
  readonly Tags: Readonly<Record<string, string>>;
}

/** All servers that a region's gossip knows, of every region. Empty where nobody answers. */
export async function knownServers(access: NomadAccess, region: string): Promise<KnownServers> {
  const answer = await nomadApi(access, region, "/v1/agent/members");
  if (answer.status !== 200 || !("body" in answer)) return {};
  const { Members = [] } = answer.body as { readonly Members?: readonly Member[] };
  return Object.fromEntries(
    Members.map(({ Addr, Tags }) => [`${Addr}:${Tags["port"] ?? "4647"}`, Tags["region"] ?? ""]),
  );
}

/**
 * What speaks against restoring a snapshot in a region: signs that it is another region's or fleet's. Nomad itself takes any.
 *
 * @returns an empty list where everything speaks for it.
 */
export function originProblems(
  { regions, servers, knowsToken }: Pick<SnapshotContents, "regions" | "servers" | "knowsToken">,
  region: string,
  known: KnownServers,
): Problem[] {
  const problems: Problem[] = [];
  const others = regions.filter((name) => name !== region);
  if (others.length > 0) problems.push({ path: "jobs", rule: `must be of region ${region}`, got: others.join(", ") });
  const homes = new Set(servers.flatMap((address) => known[address] ?? []));
  const strange = [...homes].filter((name) => name !== region);
  if (strange.length > 0)
    problems.push({ path: "servers", rule: `must be of region ${region}`, got: strange.join(", ") });
  if (!knowsToken)
    problems.push({
      path: "ACL tokens",
      rule: "must hold the fleet's management token: without it nobody can manage the region afterwards, and ./steppe cannot either",
    });
  if (regions.length === 0 && homes.size === 0)
    problems.push({
      path: "origin",
      rule: `cannot be told: there are no jobs, and no server that the fleet knows, so it may be any region's`,
    });
  return problems;
}
