import type { Check } from "../../../constructs/jobspec/placement/findings";
import type { PlacementFailure } from "../../helpers/nomad-api";

const filters: readonly (readonly [RegExp, Check])[] = [
  [/^missing drivers$/, "driver"],
  [/^missing devices$/, "device"],
  [/^(missing|invalid) (host )?network/, "network"],
  [/^missing compatible host volumes$/, "hostVolume"],
  [/CSI|^did not meet topology requirement$/, "csiVolume"],
  [/^distinct_hosts$/, "distinctHosts"],
  [/^(distinct_property:|missing property)/, "distinctProperty"],
  [/^network:/, "staticPort"],
  [/^devices:/, "deviceRoom"],
  [/^(cores|cpu|memory|disk)$/, "cpu"],
  [/^\$\{/, "constraint"],
];

/** At which checks Nomad says that its machines failed. Machines that it skipped for being like others say nothing. */
export function checksOf(failure: PlacementFailure): ReadonlySet<Check> {
  const said = [...Object.keys(failure.ConstraintFiltered ?? {}), ...Object.keys(failure.DimensionExhausted ?? {})];
  const checks = new Set<Check>();
  for (const text of said) {
    const check = filters.find(([pattern]) => pattern.test(text))?.[1];
    if (check === "cpu") checks.add(text as Check);
    else if (check !== undefined) checks.add(check);
    else if (text !== "computed class ineligible")
      throw new Error(`Nomad gives a reason that nobody has seen: ${text}`);
  }
  if (said.length === 0 && failure.NodesEvaluated === 0) checks.add("datacenter");
  return checks;
}
