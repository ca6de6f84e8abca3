import { type ITerraformDependable, TerraformStack } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import type { Fleet } from "../../model/types";
import { storageOf } from "../../model/volumes";
import type { Problem } from "../core/problems";
import type { Job } from "../jobspec/job";
import type { MountableVolume, Mount } from "../jobspec/mounts/mount";
import { mountVolumes } from "../jobspec/mounts/with-mounts";

/** A volume of constructs/storage. A job that mounts it waits for it. */
export interface VolumeConstruct extends MountableVolume, IConstruct {
  readonly resource: ITerraformDependable;
}

/** A volume in a task of the job. */
export interface JobMount extends Mount {
  /** Name of a volume of the region's storage, or of a host volume of the job's pool; or one that is made in the job's stack. */
  readonly volume: string | VolumeConstruct;
}

/** A volume in every task of a pattern that works with it. */
export type PatternMount = Pick<JobMount, "volume" | "destination" | "readOnly">;

/** A job with its mounts, and what it waits for because of them. */
export interface MountedInStack {
  readonly job: Job;
  readonly problems: readonly Problem[];
  readonly dependsOn: readonly ITerraformDependable[];
  /** The fleet with the volumes that are made beside the job. */
  readonly fleet: Fleet | undefined;
}

/** Puts volumes into a job. The region's storage has a stack before those of jobs; what is made beside the job is waited for. */
export function mountedInStack(
  scope: Construct,
  job: Job,
  mounts: readonly JobMount[],
  region: string | undefined,
  fleet: Fleet | undefined,
): MountedInStack {
  if (mounts.length === 0) return { job, problems: [], dependsOn: [], fleet };
  if (fleet === undefined || region === undefined) {
    const fix = "give the job fleet and region, or put it into a region's jobs stack";
    return {
      job,
      problems: [{ path: "mounts", rule: "needs the fleet and the region whose volumes they are", fix }],
      dependsOn: [],
      fleet,
    };
  }
  const { job: mounted, problems } = mountVolumes(job, mounts, { fleet, region });
  const made = [...new Set(mounts.flatMap(({ volume }) => (typeof volume === "string" ? [] : [volume])))];
  const here = TerraformStack.of(scope);
  const others = mounts.flatMap(({ volume }, index): Problem[] => {
    if (typeof volume === "string" || TerraformStack.of(volume) === here) return [];
    return [
      {
        path: `mounts.${index}.volume`,
        rule: `must be made in the stack of the job, ${here.node.id}, but is ${volume.where}`,
        got: volume.volumeName,
        fix: "name a volume of the region's storage instead",
      },
    ];
  });
  return {
    job: mounted,
    problems: [...problems, ...others],
    dependsOn: made.map(({ resource }) => resource),
    fleet: withVolumes(fleet, region, made),
  };
}

/** What is made beside a job is as good to it as what the region's storage has. */
function withVolumes(fleet: Fleet, region: string, made: readonly VolumeConstruct[]): Fleet {
  const found = fleet.regions[region];
  if (made.length === 0 || found === undefined) return fleet;
  const { volumes } = storageOf(fleet, region);
  const added = Object.fromEntries(made.map(({ volumeName, volume }) => [volumeName, volume]));
  const storage = { ...found.storage, volumes: { ...volumes, ...added } };
  return { ...fleet, regions: { ...fleet.regions, [region]: { ...found, storage } } };
}
