import type { Fleet } from "../../model/types";
import { runOf, type RunSettings } from "../terraform/context";
import { nomadAccess } from "../terraform/region";
import type { Stack } from "../terraform/stack";
import { declaredMounts } from "./declared";
import { asking, readAllocations, readStorage } from "./read";
import { regionVolumes } from "./report";
import type { RegionVolumes } from "./types";

/** Volumes of a fleet's regions. Never fails for a region that does not answer: it says so. */
export async function fleetVolumes(
  fleet: Fleet,
  stacks: readonly Stack[],
  settings: RunSettings,
  regions: readonly string[] = Object.keys(fleet.regions),
): Promise<readonly RegionVolumes[]> {
  const run = runOf(settings);
  const access = nomadAccess(run);
  return await Promise.all(
    regions.map(async (region): Promise<RegionVolumes> => {
      const declared = declaredMounts(stacks, region);
      const unanswered = (failure: string): RegionVolumes => ({
        ...{ region, failure, plugins: [], volumes: [], findings: [] },
        unreadJobs: declared.unread,
      });
      if (access === undefined) return unanswered("no trust at hand to ask it with");
      const ask = await asking(access, region);
      if ("failure" in ask) return unanswered(ask.failure);
      const nomad = await readStorage(ask, new Date());
      if ("failure" in nomad) return unanswered(nomad.failure);
      const host = declared.mounts.filter(({ type }) => type === "host");
      return regionVolumes({ fleet, region, nomad, declared, allocations: await readAllocations(ask, host) });
    }),
  );
}
