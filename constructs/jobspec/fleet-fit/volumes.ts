import type { Fleet } from "../../../model/types";
import type { Group } from "../group";
import type { Job } from "../job";
import { askOf } from "../mounts/ask";
import { elsewhere, findVolume, type FoundVolume } from "../mounts/found";
import { capabilityProblem, offerProblems, readsOnlyProblem } from "../mounts/offer";
import { isLiteral, type Report } from "../rules/report";
import type { Volume } from "../volume";

/**
 * What a group asks of the region's volumes must be what they offer, besides what placement finds: whether there is such a volume
 * in reach.
 */
export function volumeFitRules(
  report: Report,
  job: Job,
  groupName: string,
  group: Group,
  region: string,
  fleet: Fleet,
): void {
  if (group.volumes === undefined) return;
  for (const [name, volume] of Object.entries(group.volumes)) {
    if (!isLiteral(volume.source)) continue;
    const path = `groups.${groupName}.volumes.${name}`;
    const found = findVolume(fleet, region, volume.source);
    if (found === undefined) otherRegionRule(report, path, volume, region, fleet);
    else if (isOfType(found, volume)) {
      const ask = askOf(path, volume, job, groupName, group, fleet);
      report.all(offerProblems(found, ask));
      if (volume.type === "csi" && readsOnlyProblem(found, ask) === undefined)
        report.all([capabilityProblem(found, ask)]);
    }
  }
}

function isOfType({ volume: { kind } }: FoundVolume, { type }: Volume): boolean {
  return (kind === "dynamic-host") === (type === "host");
}

/** A CSI volume that another region has, and nobody says is here too. */
function otherRegionRule(report: Report, path: string, volume: Volume, region: string, fleet: Fleet): void {
  if (volume.type !== "csi" || Object.hasOwn(fleet.csiVolumes ?? {}, volume.source)) return;
  const [other] = elsewhere(fleet, region, volume.source);
  if (other === undefined) return;
  const rule = `is ${other}, and the job runs in region ${region}`;
  const fix = `run the job there, or add it to regions.${region}.storage.volumes`;
  report.error(`${path}.source`, rule, volume.source, fix);
}
