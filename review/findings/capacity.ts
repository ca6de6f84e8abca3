import { examineDemand } from "./capacity/demand";
import { examineFit } from "./capacity/jobs";
import { examinePools } from "./capacity/pools";
import type { Finding, Subject } from "./types";

/** What pools have for jobs, and which jobs have no place any more. */
export function examineCapacity(subject: Subject): readonly Finding[] {
  const stuck = examineFit(subject);
  const addresses = new Set(stuck.map(({ stack = "", resource }) => `${stack}\n${resource}`));
  return [...examinePools(subject), ...stuck, ...examineDemand(subject, addresses)];
}
