import { liesIn } from "../../change/paths";
import { type FleetPair, fleetsOf, goneStacks } from "../../fleet/compare";
import type { Finding, Subject } from "../types";
import { short } from "../words";

/** Arguments of a registration that say which storage a volume is. */
const MEANT = ["external_id", "context"];

/** Volumes whose name stands for another storage than before, so that jobs find other data, or none. */
export function examineMoved(subject: Subject): readonly Finding[] {
  const fleets = fleetsOf(subject);
  return [...registrations(subject), ...poolsOfVolumes(subject), ...(fleets === undefined ? [] : hostVolumes(fleets))];
}

function registrations(subject: Subject): readonly Finding[] {
  const gone = goneStacks(subject);
  return subject.changes.flatMap(({ stack, address, type, action, changed }): readonly Finding[] => {
    if (type !== "nomad_csi_volume_registration" || gone.has(stack)) return [];
    const paths = changed.filter((path) => MEANT.some((name) => liesIn(path, name)));
    if (paths.length === 0 || (action !== "update" && action !== "replace")) return [];
    return [
      {
        id: "data/volume-moved",
        severity: "warning",
        stack,
        resource: address,
        reason: `is other storage under the same name (${paths.join(", ")}): jobs find what is there, and the old data stays behind`,
        fix: "copy the data before jobs start on the new storage, or register it under a name of its own",
      },
    ];
  });
}

/** @see https://developer.hashicorp.com/nomad/docs/commands/volume/create */
function poolsOfVolumes(subject: Subject): readonly Finding[] {
  const gone = goneStacks(subject);
  return subject.changes
    .filter(
      ({ stack, type, action }) => type === "nomad_dynamic_host_volume" && action === "update" && !gone.has(stack),
    )
    .filter(({ changed }) => changed.some((path) => liesIn(path, "node_pool")))
    .map(({ stack, address, before, after }) => ({
      id: "data/volume-moved",
      severity: "blocking",
      stack,
      resource: address,
      reason: `goes from pool ${short(before?.["node_pool"])} to ${short(after?.["node_pool"])}, which Nomad refuses for a volume that exists: the apply fails`,
      fix: "make a volume of another name there, copy the data, and retire this one",
    }));
}

function hostVolumes({ base, head }: FleetPair): readonly Finding[] {
  return Object.entries(base.pools).flatMap(([pool, { hostVolumes: volumes = {} }]) =>
    Object.entries(volumes).flatMap(([name, { path }]): readonly Finding[] => {
      const now = head.pools[pool]?.hostVolumes?.[name]?.path;
      if (now === undefined || now === path) return [];
      return [
        {
          id: "data/volume-moved",
          severity: "warning",
          resource: `pools.${pool}.hostVolumes.${name}`,
          reason: `is ${now} instead of ${path}: the data stays in the old directory, and jobs find what is in the new one`,
          fix: `copy the data on each machine before the apply, or keep the path`,
        },
      ];
    }),
  );
}
