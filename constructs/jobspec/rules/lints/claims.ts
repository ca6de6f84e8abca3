import type { Job } from "../../job";
import { csiModeAllows, type Use, writes } from "../../mounts/access";
import { demandOf } from "../../mounts/demand";
import type { CsiAccessMode, CsiVolume } from "../../volume";
import { isLiteral, type Report } from "../report";

const MODES: readonly CsiAccessMode[] = [
  "single-node-reader-only",
  "single-node-writer",
  "multi-node-reader-only",
  "multi-node-single-writer",
  "multi-node-multi-writer",
];

/** A group's claim of a CSI volume. */
interface Claim {
  readonly path: string;
  readonly volume: CsiVolume;
  readonly allocations: number;
  readonly canaries: number;
}

/** Claims of one job that keep each other waiting: a volume keeps the mode of its first claim until the last one is gone. */
export function claimRules(report: Report, job: Job): void {
  const bySource = new Map<string, Claim[]>();
  for (const [name, group] of Object.entries(job.groups)) {
    if (group.volumes === undefined) continue;
    for (const [label, volume] of Object.entries(group.volumes)) {
      if (volume.type !== "csi" || volume.perAlloc === true) continue;
      // Data that no compiler has seen may lack it; that is another rule's to say.
      if (typeof volume.source !== "string" || !isLiteral(volume.source)) continue;
      // These Nomad refuses itself.
      if (!MODES.includes(volume.accessMode) || (!writes(volume.accessMode) && volume.readOnly !== true)) continue;
      const { allocations, canaries } = demandOf(job, name, group, undefined);
      const claim = {
        path: `groups.${name}.volumes.${label}`,
        volume,
        // How many machines a system job finds is not the job's to say.
        allocations: Number.isFinite(allocations) ? allocations : 1,
        canaries,
      };
      const known = bySource.get(volume.source);
      if (known === undefined) bySource.set(volume.source, [claim]);
      else known.push(claim);
    }
  }
  for (const claims of bySource.values()) sharedRules(report, claims);
}

function sharedRules(report: Report, claims: readonly Claim[]): void {
  const use = useOf(claims);
  for (const { path, volume } of claims) {
    if (csiModeAllows(volume.accessMode, use)) continue;
    // Several allocations of one group Nomad refuses itself.
    if (claims.length === 1 && !csiModeAllows(volume.accessMode, { ...use, canaries: 0 })) continue;
    const others = claims.filter((other) => other.path !== path).map((other) => other.path);
    const rule =
      others.length > 0
        ? `cannot hold while ${others.join(" and ")} claims the same volume: one of them waits for ever`
        : "keeps a canary waiting for ever: the allocation before it has the volume";
    const fix =
      others.length > 0
        ? "use one mode for several in all of them, or a volume for each"
        : "leave canary out of the update, or use a mode for several";
    report.lint("volume-claim", `${path}.accessMode`, rule, volume.accessMode, fix);
  }
}

function useOf(claims: readonly Claim[]): Use {
  const use = { writers: 0, readers: 0, canaries: 0 };
  for (const { volume, allocations, canaries } of claims) {
    use[volume.readOnly === true ? "readers" : "writers"] += allocations;
    use.canaries += canaries;
  }
  return use;
}
