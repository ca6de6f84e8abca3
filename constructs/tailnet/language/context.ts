import type { Problem } from "../../core/problems";
import type { Device } from "../reach/world";
import type { Dialect, PolicyFile } from "./policy-file";

/** What a policy is checked against. */
export interface PolicyOptions {
  readonly dialect: Dialect;
  /**
   * Tags that machines carry.
   * @default - not checked
   */
  readonly knownTags?: readonly string[];
  /**
   * Users of the tailnet.
   * @default - not checked
   */
  readonly knownUsers?: readonly string[];
  /**
   * All machines; tests are held against them.
   * @default - a tag stands for machines that carry no other
   */
  readonly devices?: readonly Device[];
  /**
   * Subnet routes that are approved.
   * @default - unknown
   */
  readonly approvedRoutes?: readonly string[];
}

/** A policy under check. */
export interface Context extends PolicyOptions {
  readonly policy: PolicyFile;
  readonly isHeadscale: boolean;
}

/** A problem, with what to do about it. */
export function problem(path: string, rule: string, got: unknown, fix: string): Problem {
  return { path, rule, got, fix };
}

/** A problem that does not stop synthesis. */
export function warning(path: string, rule: string, got: unknown, fix: string): Problem {
  return { path, rule, got, fix, severity: "warning" };
}

/** Checks each entry of a list, with its path. */
export function each<T>(
  list: readonly T[] | undefined,
  path: string,
  check: (item: T, path: string) => Problem[],
): Problem[] {
  return (list ?? []).flatMap((item, index) => check(item, `${path}.${index}`));
}
