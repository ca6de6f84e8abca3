import type { Problem } from "../../core/problems";
import { parseDuration } from "../duration";
import { parseMebibytes } from "../size";
import { type LintName, lints } from "./catalogue";

const noLimit = Number.MAX_SAFE_INTEGER;

/**
 * Collects problems. Rules hand over what they find and go on, so that all problems come at once.
 *
 * What is reported without a name, Nomad refuses, or it cannot be written as a job at all; a lint has the name of its rule in
 * the catalogue, and a job may break it with a reason.
 */
export class Report {
  public readonly problems: Problem[] = [];
  private readonly seen = new Set<string>();

  /** Reports what Nomad refuses. */
  public error(path: string, rule: string, got?: unknown, fix?: string): void {
    this.add({ path, rule, ...(got === undefined ? {} : { got }), ...(fix === undefined ? {} : { fix }) });
  }

  /** Reports what Nomad takes and what goes wrong later. */
  public lint(name: LintName, path: string, rule: string, got?: unknown, fix?: string): void {
    this.add({
      path,
      rule,
      ...(got === undefined ? {} : { got }),
      ...(fix === undefined ? {} : { fix }),
      ...(lints[name].severity === "warning" ? { severity: "warning" } : {}),
      name,
    });
  }

  /** Reports problems as they are. */
  public all(problems: readonly (Problem | undefined)[]): void {
    for (const problem of problems) if (problem !== undefined) this.add(problem);
  }

  /** A job's block that several groups inherit is looked at once per group: its problems count once. */
  private add(problem: Problem): void {
    const key = `${problem.path} ${problem.rule}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.problems.push(problem);
  }

  /** Checks a whole number. Lets through what is unset or known only to Terraform. */
  public wholeNumber(path: string, value: number | undefined, min: number, max = noLimit): void {
    if (value === undefined || isWithin(value, min, max)) return;
    this.error(path, numberRule(min, max), value);
  }

  /** Checks a whole number that Nomad does not check. */
  public sensibleNumber(path: string, value: number | undefined, min: number, max = noLimit): void {
    if (value === undefined || isWithin(value, min, max)) return;
    this.lint("out-of-range", path, numberRule(min, max), value);
  }

  /** Checks one of a few texts. Lets through what is unset or known only to Terraform. */
  public oneOf(path: string, value: string | undefined, allowed: readonly string[]): void {
    if (value === undefined || allowed.includes(value) || !isKnown(value)) return;
    this.error(path, `must be ${either(allowed)}`, value);
  }

  /** Checks one of a few texts that Nomad does not check. */
  public sensibleValue(path: string, value: string | undefined, allowed: readonly string[]): void {
    if (value === undefined || allowed.includes(value) || !isLiteral(value)) return;
    this.lint("unknown-value", path, `must be ${either(allowed)}`, value);
  }

  /** Checks that text is not empty, where Nomad does. */
  public required(path: string, value: string | undefined, fix?: string): void {
    if (value === undefined || value === "") this.error(path, "must not be empty", value, fix);
  }

  /** Checks that text is not empty, where Nomad does not. */
  public needed(path: string, value: string | undefined, fix?: string): void {
    if (value === undefined || value === "") this.lint("missing-value", path, "must not be empty", value, fix);
  }

  /**
   * Checks a duration.
   *
   * @returns nanoseconds; undefined when unset or wrong.
   */
  public duration(path: string, value: string | undefined, minimum = "0s"): number | undefined {
    const parsed = this.anyDuration(path, value);
    if (parsed === undefined || parsed >= (parseDuration(minimum) ?? 0)) return parsed;
    this.error(path, `must be at least ${minimum}`, value);
    return undefined;
  }

  /**
   * Checks a duration whose sign Nomad does not check.
   *
   * @returns nanoseconds; undefined when unset or wrong.
   */
  public sensibleDuration(path: string, value: string | undefined): number | undefined {
    const parsed = this.anyDuration(path, value);
    if (parsed === undefined || parsed >= 0) return parsed;
    this.lint("out-of-range", path, "must be at least 0s", value);
    return undefined;
  }

  private anyDuration(path: string, value: string | undefined): number | undefined {
    if (value === undefined) return undefined;
    const parsed = parseDuration(value);
    if (parsed === undefined) {
      this.error(path, "must be a duration such as 30s or 1h30m (there is no unit for days)", value);
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

  /** Checks text that Nomad takes as it stands against a pattern. Lets through what is unset or known only to Terraform. */
  public matches(path: string, value: string | undefined, pattern: RegExp, rule: string, fix?: string): void {
    if (value === undefined || !isKnown(value) || pattern.test(value)) return;
    this.error(path, rule, value, fix);
  }
}

function isWithin(value: number, min: number, max: number): boolean {
  return !isKnownNumber(value) || (Number.isInteger(value) && value >= min && value <= max);
}

function numberRule(min: number, max: number): string {
  return `must be a whole number ${max === noLimit ? `of at least ${min}` : `from ${min} to ${max}`}`;
}

/** `a, b or c`. */
function either(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
}

/** `use one of: a, b`, for a fix; the other text when there is nothing to choose from. */
export function oneOf(names: readonly string[], otherwise = "there is none"): string {
  return names.length === 0 ? otherwise : `use one of: ${names.join(", ")}`;
}

/** False for text that CDKTF has put a Terraform reference into: its value is not known at synthesis. */
export function isKnown(value: string): boolean {
  return !value.includes("{TfToken[");
}

/** False for text that Terraform or Nomad completes later. */
export function isLiteral(value: string): boolean {
  return !value.includes("${") && isKnown(value);
}

/** False for a number that stands for a Terraform reference: CDKTF encodes those as huge negative doubles. */
export function isKnownNumber(value: number): boolean {
  return value > -1e280;
}
