import type { Problem } from "../constructs/core/problems";
import type { Fleet } from "./types";

/** Reasons that say nothing, wherever something unusual is meant: a reviewer reads them, and nobody else can check them. */
export function reasonProblems(fleet: Fleet): Problem[] {
  return emptyReasons("", fleet);
}

function emptyReasons(path: string, value: unknown): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = Array.isArray(value) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    if (name === "reason" && typeof inner === "string" && inner.trim() === "")
      return [{ path: at, rule: "must say why", got: inner, fix: "write one sentence for the reviewer" }];
    return emptyReasons(at, inner);
  });
}
