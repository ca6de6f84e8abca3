import { type FleetPair, fleetsOf, renamesOf } from "../fleet/compare";
import { renamedStacks } from "../fleet/stack-renames";
import type { Rename } from "../change/renames";
import { dataKindOf } from "./data/kinds";
import type { Finding, Subject } from "./types";
import { examineJobIds } from "./ids/jobs";
import { renamedResources } from "./ids/resources";

/** Things that go under one name and come under another, being the same: what is made anew has lost what the old one had. */
export function examineIds(subject: Subject): readonly Finding[] {
  const fleets = fleetsOf(subject);
  return [
    ...(fleets === undefined ? [] : fleetFindings(fleets)),
    ...stackFindings(subject),
    ...resourceFindings(subject),
    ...examineJobIds(subject),
  ];
}

function fleetFindings(fleets: FleetPair): readonly Finding[] {
  const { fleet, sites, pools } = renamesOf(fleets);
  const name = [...fleet].map(([was, is]) =>
    renamed("name", `of the fleet was ${was} and is ${is}, so that every stack begins with an empty state`, [
      `keep the name ${was}, or move the states to their new keys first`,
    ]),
  );
  const ofSites = [...sites].map(([was, is]) =>
    renamed(`sites.${was}`, `is called ${is} now, so that another stack with an empty state makes all of it again`, [
      `keep the name ${was}, or move the state of its stack to the new key first`,
    ]),
  );
  const ofPools = [...pools].map(([was, is]) =>
    renamed(`pools.${was}`, `is called ${is} now, so that its machines, secrets and node pool are made anew`, [
      `keep the name ${was}, or add ${is} beside it and retire ${was} once its jobs have moved`,
    ]),
  );
  return [...name, ...ofSites, ...ofPools];
}

function renamed(resource: string, reason: string, [fix]: readonly [string]): Finding {
  return { id: "ids/renamed", severity: "blocking", resource, reason, fix };
}

function stackFindings(subject: Subject): readonly Finding[] {
  return [...renamedStacks(subject)].map(([was, is]) => ({
    ...renamed(was, `is called ${is} now, so that everything in it is made again beside what is there`, [
      `keep the name ${was}, or move its state to the new key first`,
    ]),
    stack: was,
  }));
}

function resourceFindings(subject: Subject): readonly Finding[] {
  const byStack = new Map<string, Rename[]>();
  for (const rename of renamedResources(subject))
    byStack.set(rename.gone.stack, [...(byStack.get(rename.gone.stack) ?? []), rename]);
  return [...byStack].map(([stack, renames]) => ({
    ...renamed(...(renames.length === 1 ? ofOne(renames[0] as Rename) : ofSeveral(stack, renames))),
    stack,
  }));
}

function ofOne({ gone, come }: Rename): [string, string, [string]] {
  const data = dataKindOf(gone.type) === undefined ? "" : " with its data";
  return [
    gone.address,
    `is destroyed${data} and made anew as ${come.address}, being the same thing`,
    [`keep the construct's id, or write a moved block from ${gone.address} to ${come.address}`],
  ];
}

function ofSeveral(stack: string, renames: readonly Rename[]): [string, string, [string]] {
  const [first] = renames as readonly [Rename, ...Rename[]];
  const held = renames.filter(({ gone }) => dataKindOf(gone.type) !== undefined).length;
  const data = held === 0 ? "" : `, ${held} with data among them`;
  return [
    stack,
    `has ${renames.length} resources that are destroyed and made anew under another address${data}: ${first.gone.address} as ${first.come.address}${renames.length > 1 ? ", …" : ""}`,
    ["keep the construct's id, or write a moved block for each of them"],
  ];
}
