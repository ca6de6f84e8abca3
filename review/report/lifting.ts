import type { Finding } from "../findings/types";

/** Somebody says that a finding is meant. */
export interface Lifting {
  /** Which: a finding's id, or a whole domain. Shape: `data/volume-destroyed`, `data`. */
  readonly finding: string;
  /** Of this resource alone. @default - wherever it is found */
  readonly resource?: string;
  readonly reason: string;
  /** A label of the pull request, or a line in the fleet's code. */
  readonly by: "label" | "code";
}

/** A finding, and who has lifted it. */
export interface JudgedFinding extends Finding {
  readonly lifting?: Pick<Lifting, "by" | "reason">;
}

/** Prefix of labels that lift findings. Shape: `steppe-accept:data/volume-destroyed`. */
export const LABEL = "steppe-accept:";

/** What labels of a pull request lift; other labels are not looked at. */
export function liftingsOfLabels(labels: readonly string[]): readonly Lifting[] {
  return labels
    .filter((label) => label.startsWith(LABEL) && label.length > LABEL.length)
    .map((label) => ({ finding: label.slice(LABEL.length).trim(), reason: `label ${label}`, by: "label" }));
}

/** Notes on each finding whether it is lifted. Those that block nothing need no lifting. */
export function lifted(findings: readonly Finding[], liftings: readonly Lifting[]): readonly JudgedFinding[] {
  return findings.map((finding) => {
    if (finding.severity !== "blocking") return finding;
    const found = liftings.find((lifting) => isMeant(lifting, finding));
    return found === undefined ? finding : { ...finding, lifting: { by: found.by, reason: found.reason } };
  });
}

function isMeant({ finding: wanted, resource }: Lifting, finding: Finding): boolean {
  const isNamed = wanted === finding.id || wanted === finding.id.split("/")[0];
  return isNamed && (resource === undefined || resource === finding.resource);
}
