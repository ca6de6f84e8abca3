import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblem, isError } from "../../constructs/core/problems";
import { jobFitsFleet } from "../../constructs/jobspec/fleet-fit";
import { mountVolumes } from "../../constructs/jobspec/mounts/with-mounts";
import { checkJob } from "../../constructs/jobspec/validate";
import { fleet as base } from "../../examples/fleet";
import { databases, mistaken, repaired } from "../../examples/volumes";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import type { RegionStorage } from "../../model/volume-types";
import { spoil } from "../helpers/fleet";

/** The example's fleet with a region's storage, instead of what stood for it before. */
function fleetWith(storage: RegionStorage): Fleet {
  const changes: readonly (readonly [string, unknown])[] = [
    ["csiVolumes", {}],
    ["pools.general.csiPlugins", []],
    ["pools.general.dynamicHostVolumes", []],
    ["regions.home.storage", storage],
  ];
  return changes.reduce<Fleet>((fleet, [path, value]) => spoil(fleet, path, value), base);
}

function problemsWith(storage: RegionStorage): readonly string[] {
  const fleet = fleetWith(storage);
  return databases.flatMap(({ job, mounts }) => {
    const mounted = mountVolumes({ ...job, region: "home" }, mounts, { fleet, region: "home" });
    const find = () => [...mounted.problems, ...jobFitsFleet(mounted.job, fleet)];
    return checkJob(mounted.job, { fleet, find }).problems.filter(isError).map(formatProblem);
  });
}

describe("the seeds' volumes", () => {
  test("as they were written, are refused with what docs/storage.md shows", () => {
    const page = readFileSync(join(__dirname, "..", "..", "docs", "storage.md"), "utf8");
    const [, message = ""] = /```text message\n([\s\S]*?)```/.exec(page) ?? [];
    expect(problemsWith(mistaken)).toEqual(message.trimEnd().split("\n"));
  });

  test("repaired, are mounted", () => {
    expect(problemsWith(repaired)).toEqual([]);
    expect(validateFleet(fleetWith(repaired)).map(formatProblem)).toEqual([]);
  });
});
