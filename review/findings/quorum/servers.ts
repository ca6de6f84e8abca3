import { type ServerChange, tolerated } from "../../fleet/servers";
import type { Finding } from "../types";
import { counted, named } from "../words";

/** What happens to the servers of one region. */
export function examineServers(change: ServerChange): readonly Finding[] {
  if (change.moved !== undefined) return [moved(change, change.moved)];
  return [...replaced(change), ...(isNumber(change) ? counts(change) : removed(change))];
}

/** True where servers go, for good or to be made anew. */
export function isDestructive({ replaced, left, moved }: ServerChange): boolean {
  return replaced.length > 0 || left.length > 0 || moved !== undefined;
}

function moved(
  { region, before }: ServerChange,
  { from, to }: { readonly from: string; readonly to: string },
): Finding {
  return {
    id: "quorum/server-replaced",
    severity: "blocking",
    resource: `regions.${region}`,
    reason: `moves from site ${from} to ${to}: ${counted(before.length, "server")} of it begin anew, without the region's state`,
    fix: `make a new region at ${to}, move the jobs, and retire this one`,
  };
}

function replaced({ region, before, replaced: names }: ServerChange): readonly Finding[] {
  if (names.length === 0) return [];
  const most = tolerated(before.length);
  const isTooMany = names.length > most;
  return [
    {
      id: "quorum/server-replaced",
      severity: isTooMany ? "blocking" : "warning",
      resource: `regions.${region}`,
      reason: `has ${named("server", names)} destroyed and made anew, ${names.length} of ${before.length} in one apply; ${toleratesText(most)}`,
      fix: isTooMany
        ? `replace them one after another: ./steppe server replace ${names[0] ?? ""}`
        : `replace it with ./steppe server replace ${names[0] ?? ""}, which waits for the others`,
    },
  ];
}

/** True where it is the number of servers that changes, and not which they are. */
function isNumber({ before, after = before, left, isCounted }: ServerChange): boolean {
  return before.length !== after.length && (isCounted || left.length === 0);
}

function counts({ region, before, after = before, left }: ServerChange): readonly Finding[] {
  const isEven = after.length % 2 === 0;
  const isTooMany = left.length > tolerated(before.length);
  const from = `goes from ${counted(before.length, "server")} to ${after.length}`;
  const even = isEven ? `, an even number, which tolerates no more failures than ${after.length - 1}` : "";
  const grows = after.length > before.length;
  return [
    {
      id: "quorum/servers-changed",
      severity: isEven || isTooMany ? "blocking" : grows && before.length > 1 ? "notice" : "warning",
      resource: `regions.${region}`,
      reason: grows
        ? `${from}${even}${before.length === 1 ? ": until all have joined, the loss of any of them stops the region" : ""}`
        : `${from}: ${named("server", left)} ${left.length === 1 ? "is" : "are"} destroyed in one apply${even}; ${toleratesText(tolerated(before.length))}, and afterwards ${tolerated(after.length)}`,
      fix: grows
        ? "apply while all servers are healthy, and look at nomad operator raft list-peers afterwards"
        : "take servers out one at a time, each after nomad operator raft list-peers shows the rest as voters",
    },
  ];
}

function removed({ region, before, after, left, abandoned }: ServerChange): readonly Finding[] {
  if (left.length === 0) return [];
  const most = tolerated(before.length);
  const isTooMany = left.length > most;
  const remain = after === undefined ? "" : `, so that ${after.length} remain`;
  const reason =
    abandoned.length > 0
      ? `no longer names ${named("server", abandoned)}, which nobody has retired: ${abandoned.length === 1 ? "it goes" : "they go"} on as voters of the region${remain}`
      : `loses ${named("server", left)}, ${left.length} of ${before.length} in one apply${remain}; ${toleratesText(most)}`;
  return [
    {
      id: "quorum/server-removed",
      severity: isTooMany || abandoned.length > 0 ? "blocking" : "warning",
      resource: `regions.${region}`,
      reason,
      fix:
        abandoned.length > 0
          ? "put its line back with retired: { reason }, apply, and delete the line after"
          : isTooMany
            ? "retire them one at a time, each after the others are healthy"
            : "apply while all other servers are healthy",
    },
  ];
}

function toleratesText(most: number): string {
  return `the region tolerates the loss of ${most === 0 ? "none" : most}`;
}
