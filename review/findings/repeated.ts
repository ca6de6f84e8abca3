import { renamedResources } from "./ids/resources";
import type { Finding, Subject } from "./types";

/** What another finding has said already: a job that is the same under another name neither comes nor goes. */
export function withoutRepeated(subject: Subject, findings: readonly Finding[]): readonly Finding[] {
  const renamed = new Set([
    ...renamedResources(subject).flatMap(({ gone, come }) => [
      keyOf(gone.stack, gone.address),
      keyOf(come.stack, come.address),
    ]),
    ...findings.filter(({ id }) => id === "ids/renamed").map(({ stack, resource }) => keyOf(stack, resource)),
  ]);
  const isRepeated = ({ id, stack, resource }: Finding) =>
    (id === "jobs/created" || id === "jobs/removed") && renamed.has(keyOf(stack, resource));
  return findings.filter((finding) => !isRepeated(finding));
}

function keyOf(stack: string | undefined, resource: string): string {
  return `${stack ?? ""}\n${resource}`;
}
