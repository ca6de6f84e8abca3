import type { Problem } from "../../core/problems";
import { parseDuration } from "../duration";
import { parseMebibytes } from "../size";

/** Collects problems. Rules hand over what they find and go on, so that all problems come at once. */
export class Report {
  public readonly problems: Problem[] = [];

  /** Reports something that stops synthesis. */
  public error(path: string, rule: string, got?: unknown, fix?: string): void {
    this.problems.push({ path, rule, ...(got === undefined ? {} : { got }), ...(fix === undefined ? {} : { fix }) });
  }

  /** Reports something that is printed only. */
  public warning(path: string, rule: string, got?: unknown, fix?: string): void {
    this.error(path, rule, got, fix);
    const last = this.problems.pop();
    if (last !== undefined) this.problems.push({ ...last, severity: "warning" });
  }

  /** Checks a whole number. Lets through what is unset or known only to Terraform. */
  public wholeNumber(path: string, value: number | undefined, min: number, max = Number.MAX_SAFE_INTEGER): void {
    if (value === undefined || !isKnownNumber(value)) return;
    if (Number.isInteger(value) && value >= min && value <= max) return;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    this.error(path, `must be a whole number ${range}`, value);
  }

  /**
   * Checks a duration.
   *
   * @returns nanoseconds; undefined when unset or wrong.
   */
  public duration(path: string, value: string | undefined, minimum = "0s"): number | undefined {
    if (value === undefined) return undefined;
    const parsed = parseDuration(value);
    if (parsed === undefined) {
      this.error(path, "must be a duration such as 30s or 1h30m (there is no unit for days)", value);
      return undefined;
    }
    if (parsed < (parseDuration(minimum) ?? 0)) {
      this.error(path, `must be at least ${minimum}`, value);
      return undefined;
    }
    return parsed;
  }

  /** Checks a size that comes to a whole number of MiB. */
  public mebibytes(path: string, value: string | undefined, minimum: number): void {
    if (value === undefined) return;
    const parsed = parseMebibytes(value);
    if (parsed !== undefined && Number.isInteger(parsed) && parsed >= minimum) return;
    this.error(path, `must be a size of at least ${minimum}MiB in whole MiB, such as 300MiB or 16GiB`, value);
  }

  /** Checks text against a pattern. Lets through what is unset, interpolated, or known only to Terraform. */
  public matches(path: string, value: string | undefined, pattern: RegExp, rule: string, fix?: string): void {
    if (value === undefined || !isLiteral(value) || pattern.test(value)) return;
    this.error(path, rule, value, fix);
  }
}

/** False for text that CDKTF has put a Terraform reference into: its value is not known at synthesis. */
export function isKnown(value: string): boolean {
  return !value.includes("{TfToken[");
}

/** False for text that Terraform or Nomad completes later. */
export function isLiteral(value: string): boolean {
  return !value.includes("${");
}

/** False for a number that stands for a Terraform reference: CDKTF encodes those as huge negative doubles. */
export function isKnownNumber(value: number): boolean {
  return value > -1e280;
}
