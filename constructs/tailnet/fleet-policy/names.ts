import { identitiesOf, tagsOf } from "../../../model/identities";
import { type Tag, tags } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import type { NamedRules, Reasoned } from "./reasoned";

/** Groups of people, as the fleet lists them. */
export function groups(fleet: Fleet): NamedRules<readonly string[]> {
  return Object.fromEntries(
    Object.entries(fleet.tailnet.groups ?? {}).map(([name, users]) => [
      name,
      { rule: users, reason: groupReason(fleet, name), from: `tailnet.groups.${name}` },
    ]),
  );
}

function groupReason(fleet: Fleet, name: string): string {
  return fleet.tailnet.operators?.includes(name) === true ? "operate the fleet" : "named by rules below";
}

/** Who may give which tag: those of the fleet, and those of machines outside of it. */
export function tagOwners(fleet: Fleet): NamedRules<readonly string[]> {
  const owners = fleet.tailnet.tagOwners ?? ["autogroup:admin"];
  const own = [...meanings(fleet)].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries([
    ...own.map(([tag, reason]): [string, Reasoned<readonly string[]>] => [
      tag,
      { rule: owners, reason, from: "tailnet.tagOwners" },
    ]),
    ...Object.entries(fleet.tailnet.otherTags ?? {}).map(([tag, rule]): [string, Reasoned<readonly string[]>] => [
      tag,
      { rule, reason: "machines outside the fleet", from: `tailnet.otherTags.${tag}` },
    ]),
  ]);
}

/** Tags that machines of the fleet carry, and what each says of a machine. */
function meanings(fleet: Fleet): ReadonlyMap<Tag, string> {
  const found = new Map<Tag, string>([
    [tags.server, "Nomad servers"],
    [tags.client, "Nomad clients"],
    [tags.operator, "machines that operators work on"],
    ...Object.keys(fleet.regions).flatMap((region): [Tag, string][] => [
      [tags.regionServer(region), `servers of region ${region}`],
      [tags.regionClient(region), `clients of region ${region}`],
    ]),
    ...Object.keys(fleet.pools).map((pool): [Tag, string] => [tags.pool(pool), `machines of pool ${pool}`]),
  ]);
  const carried = new Set(identitiesOf(fleet).flatMap(tagsOf));
  return new Map([...found].filter(([tag]) => carried.has(tag)));
}
