import { parsePrefix } from "../../../constructs/tailnet/language/addresses";
import type { ResourceChange } from "../../change/types";
import { list, object } from "../../json";
import type { Finding, Severity, Subject } from "../types";
import { short, some } from "../words";
import type { Access } from "./access";
import { type Opening, openingsOf } from "./openings";
import { isAnywhere } from "./wide";

/**
 * What firewalls of clouds let in that they did not: compared as sets, so that a rule that is renamed or written otherwise opens
 * nothing.
 *
 * @param opened - what external access opens, which is told once for a region.
 */
export function examineFirewalls(subject: Subject, opened: Access): readonly Finding[] {
  const { changes, stacks } = subject;
  const isNew = new Set(stacks.filter(({ before }) => before === undefined).map(({ name }) => name));
  const before = changes.flatMap((change) => openingsOf(change, change.before));
  return changes.flatMap((change): readonly Finding[] => {
    const gained = openingsOf(change, change.after)
      .flatMap((opening) => without(opening, before))
      .filter((opening) => !opened.covers(opening));
    return [...byKind(change, gained, subject.stacks.length > 0 && isNew.has(change.stack)), ...lostDenials(change)];
  });
}

/** Of tailscaled, over UDP. */
const TAILSCALE_PORT = 41_641;

type Kind = "anywhere" | "tailnet" | "range" | "inside";

const SEVERITY: Readonly<Record<Kind, Severity>> = {
  anywhere: "blocking",
  range: "warning",
  inside: "warning",
  tailnet: "notice",
};

function byKind({ stack, address }: ResourceChange, gained: readonly Opening[], isNew: boolean): readonly Finding[] {
  return (["anywhere", "range", "inside", "tailnet"] as const).flatMap((kind): readonly Finding[] => {
    const found = gained.filter((opening) => kindOf(opening) === kind);
    // Parts of something new let each other in; nobody from outside does.
    if (found.length === 0 || (kind === "inside" && isNew)) return [];
    const ways = [...new Set(found.map(wayText))];
    return [
      {
        id: kind === "inside" ? "reachability/opened" : "reachability/public",
        severity: SEVERITY[kind],
        stack,
        resource: address,
        reason:
          kind === "tailnet"
            ? `lets anybody send to the tailnet's own port (${some(ways)}), where WireGuard answers peers alone`
            : `lets in ${some(ways)}, which it did not before`,
        fix:
          kind === "anywhere"
            ? "name the ranges that callers come from, or let them come through the tailnet"
            : "make sure that each of them is meant",
      },
    ];
  });
}

function kindOf({ source, protocol, first, last }: Opening): Kind {
  const range = parsePrefix(source);
  if (range === undefined) return "inside";
  if (!isAnywhere(source))
    return PRIVATE.some((one) => one.low <= range.low && range.high <= one.high) ? "inside" : "range";
  return protocol === "udp" && first === TAILSCALE_PORT && last === TAILSCALE_PORT ? "tailnet" : "anywhere";
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].flatMap(
  (range) => parsePrefix(range) ?? [],
);

function wayText({ protocol, first, last, source }: Opening): string {
  const ports = first === 0 && last >= 65_535 ? "" : ` ${first === last ? first : `${first}-${last}`}`;
  return `${short(source)} on ${protocol === "all" ? "everything" : `${short(protocol)}${ports}`}`;
}

/** What of an opening others do not let in as well. */
function without(opening: Opening, others: readonly Opening[]): readonly Opening[] {
  let left: readonly Opening[] = [opening];
  for (const other of others) {
    if (other.target !== opening.target || !covers(other, opening)) continue;
    left = left.flatMap((one) => [
      ...(one.first < other.first ? [{ ...one, last: Math.min(one.last, other.first - 1) }] : []),
      ...(one.last > other.last ? [{ ...one, first: Math.max(one.first, other.last + 1) }] : []),
    ]);
  }
  return left;
}

/** Whether one lets in the callers of another with its protocol, on whichever ports. */
function covers(wide: Opening, { protocol, source }: Opening): boolean {
  if (wide.protocol !== protocol && wide.protocol !== "all") return false;
  if (wide.source === source) return true;
  const [outer, inner] = [parsePrefix(wide.source), parsePrefix(source)];
  return outer !== undefined && inner !== undefined && outer.low <= inner.low && inner.high <= outer.high;
}

/** A rule that keeps others out, which goes or keeps out less. */
function lostDenials({ type, stack, address, before, after, action }: ResourceChange): readonly Finding[] {
  if (type !== "google_compute_firewall" || before === undefined || action === "forget") return [];
  const denies = (body: typeof before | undefined) =>
    body !== undefined && body["disabled"] !== true && list(body["deny"]).map(object).length > 0;
  const narrowing = ["deny", "source_ranges", "priority", "target_tags", "direction"];
  const isLess =
    after === undefined ||
    !denies(after) ||
    narrowing.some((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  if (!denies(before) || !isLess) return [];
  return [
    {
      id: "reachability/public",
      severity: "blocking",
      stack,
      resource: address,
      reason: "no longer keeps out all that it did, so that the network's other rules decide",
      fix: "keep the rule as it is, or say which rule closes the machines now",
    },
  ];
}
