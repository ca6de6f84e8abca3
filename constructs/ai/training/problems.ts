import type { Problem } from "../../core/problems";
import { wholeNumberProblems } from "../../core/whole-number";
import { fitsPool } from "../../jobspec/placement/placeable";
import type { Job } from "../../jobspec/job";
import { oneOf } from "../../jobspec/rules/report";
import type { PatternPlace } from "../../nomad/pattern-place";
import { architectureOf } from "../../../model/gpu";
import { gpuOf } from "../../../model/hardware";
import { parsePorts } from "../../../model/ports";
import { EPHEMERAL_PORTS } from "../../../model/well-known";
import type { Gang } from "./gang";
import type { TrainingOptions } from "./options";

/** Name of the property that says how many GPUs. */
export type GpuProperty = "gpus" | "gpusPerWorker";

/** What is wrong with the options of a training run, whatever its job is. */
export function optionProblems(
  options: TrainingOptions,
  gang: Gang,
  { poolName, pool }: PatternPlace,
  gpuProperty: GpuProperty,
): readonly Problem[] {
  const { maxRestarts = 3, timeLimitHours, checkpoints, runtime } = options;
  const has = gpuOf(pool.hardware)?.count ?? 0;
  return [
    ...wholeNumberProblems("workers", gang.workers, 1),
    ...wholeNumberProblems(gpuProperty, gang.gpus, 0),
    ...wholeNumberProblems("processesPerWorker", gang.processes, 1),
    ...wholeNumberProblems("maxRestarts", maxRestarts, 0),
    ...(timeLimitHours === undefined || timeLimitHours > 0
      ? []
      : [{ path: "timeLimitHours", rule: "must be more than 0", got: timeLimitHours }]),
    ...(gang.gpus > has
      ? [
          {
            path: gpuProperty,
            rule: `must be at most ${has}, the GPUs of one machine of pool ${poolName}`,
            got: gang.gpus,
            fix: has === 0 ? "use a pool with GPUs" : "spread them over more workers",
          },
        ]
      : []),
    ...(architectureOf(pool) === "arm64" && runtime?.kind !== "installed" && runtime?.image === undefined
      ? [
          {
            path: "runtime.image",
            rule: `must be an image for arm64, as the machines of pool ${poolName} are; the default is for amd64`,
            fix: "name one, for example nvcr.io/nvidia/pytorch:25.09-py3",
          },
        ]
      : []),
    ...(checkpoints === undefined && pool.spot === true
      ? [
          {
            path: "checkpoints",
            rule: `should name a volume: machines of pool ${poolName} may be taken away, and the run begins again from nothing`,
            severity: "warning" as const,
          },
        ]
      : []),
  ];
}

/** Why the workers of a gang cannot run at once, or not reach each other. */
export function gangProblems(
  job: Job,
  gang: Gang,
  { fleet, region, poolName, pool }: PatternPlace,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (gang.workers < 2)
    problems.push({ path: "workers", rule: "must be at least 2", got: gang.workers, fix: "use TrainingJob for one" });
  const [placement] = fitsPool({ ...job, region }, fleet, poolName);
  if (placement?.verdict === "some")
    problems.push({
      path: "workers",
      rule: `must all run at once, and pool ${poolName} has no room for so many: ${placement.reasons.map(({ short }) => short).join(", ")}`,
      got: gang.workers,
      fix: "fewer or smaller workers, or more machines: with a part of them nothing would ever start",
    });
  const { meeting } = gang;
  if (meeting === undefined) return problems;
  const networks = ["tailscale", ...Object.keys(pool.hostNetworks ?? {})];
  if (!networks.includes(meeting.hostNetwork))
    problems.push({
      path: "network",
      rule: `must be a host network of pool ${poolName}`,
      got: meeting.hostNetwork,
      fix: oneOf(networks),
    });
  else if (meeting.hostNetwork === "tailscale" && !opensEphemeralPorts({ fleet, poolName }))
    problems.push({
      path: "network",
      rule: `has ranks talk over ports that Linux chooses (${EPHEMERAL_PORTS}), which the tailnet does not open within pool ${poolName}`,
      got: meeting.hostNetwork,
      fix: `put ...trainingServices({ name: "${meeting.service}", pool: "${poolName}" }) into the fleet's services`,
    });
  return problems;
}

function opensEphemeralPorts({ fleet, poolName }: Pick<PatternPlace, "fleet" | "poolName">): boolean {
  const [[first, last] = [0, 0]] = parsePorts(EPHEMERAL_PORTS) ?? [];
  return Object.values(fleet.services ?? {}).some(
    ({ port, pools, callers, protocol = "tcp" }) =>
      protocol === "tcp" &&
      pools.includes(poolName) &&
      callers.includes(poolName) &&
      typeof port === "string" &&
      (parsePorts(port) ?? []).some(([from, to]) => from <= first && last <= to),
  );
}
