import { authoritativeRegion } from "../../model/names";
import { type FleetPair, fleetsOf, renamesOf } from "../fleet/compare";
import { type ServerChange, serverChanges, taggedServerChanges } from "../fleet/servers";
import { examineServers, isDestructive } from "./quorum/servers";
import type { Finding, Subject } from "./types";
import { named, some } from "./words";

/** What a change does to the servers of regions, which must keep a majority. */
export function examineQuorum(subject: Subject): readonly Finding[] {
  const fleets = fleetsOf(subject);
  const changes = fleets === undefined ? taggedServerChanges(subject) : serverChanges(subject, fleets);
  return [
    ...changes.flatMap(examineServers),
    ...severalRegions(changes),
    ...(fleets === undefined ? [] : [...renamedRegions(fleets), ...authority(fleets)]),
  ];
}

function severalRegions(changes: readonly ServerChange[]): readonly Finding[] {
  const regions = changes.filter(isDestructive).map(({ region }) => region);
  if (regions.length < 2) return [];
  return [
    {
      id: "quorum/two-regions",
      severity: "blocking",
      resource: "regions",
      reason: `lose servers in one change in ${named("region", regions)}: where it goes wrong, none is left to go on`,
      fix: "change one region, apply, and go on with the next when it is healthy",
    },
  ];
}

function renamedRegions(fleets: FleetPair): readonly Finding[] {
  const { regions } = renamesOf(fleets);
  const authoritative = authoritativeRegion(fleets.base);
  return [...regions].map(([was, is]) => ({
    id: "quorum/region-renamed",
    severity: "blocking",
    resource: `regions.${was}`,
    reason: `is called ${is} now: its servers would join a region of another name with the state of the old one, and its jobs, volumes and certificates are made anew${was === authoritative ? "; it is the authoritative region, which the others replicate from" : ""}`,
    fix: `keep the name ${was}; a new name is a new region, beside the old one until its jobs have moved`,
  }));
}

function authority({ base, head }: FleetPair): readonly Finding[] {
  const [was, is] = [authoritativeRegion(base), authoritativeRegion(head)];
  if (was === is || renamesOf({ base, head }).regions.get(was) === is) return [];
  return [
    {
      id: "quorum/authoritative-moved",
      severity: "blocking",
      resource: `regions.${is}.authoritative`,
      reason: `makes ${is} the authoritative region instead of ${was}: ACL policies, namespaces and node pools that ${some([was])} has and ${is} has not yet are deleted everywhere`,
      fix: `leave it with ${was}, or move it by hand with ACLs and replication checked on both sides first`,
    },
  ];
}
