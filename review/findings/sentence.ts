import type { Finding } from "./types";

/** What is said of a resource, after its name. */
export function sentence({ about, reason }: Pick<Finding, "about" | "reason">): string {
  return about === undefined ? reason : `(${about}) ${reason}`;
}
