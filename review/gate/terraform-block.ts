import type { Problem } from "../../constructs/core/problems";
import { isEqual, type Json } from "../json";
import { blocksOf } from "./blocks";
import type { Named } from "./providers";

const KNOWN: ReadonlySet<string> = new Set(["//", "backend", "required_providers", "required_version"]);
const FIX = "leave it as the base has it";

/** What a change may not do in the `terraform` block: keep its state elsewhere, or run elsewhere. */
export function terraformProblems(base: readonly Named[], head: readonly Named[]): readonly Problem[] {
  const patterns = base.flatMap(({ name, document }) =>
    settingsOf(document).map((settings) => pattern(settings["backend"], name)),
  );
  const versions = base.flatMap(({ document }) => settingsOf(document).map((settings) => settings["required_version"]));
  return head.flatMap(({ name, document }) => {
    const own = settingsOf(document);
    const before = base.find((other) => other.name === name)?.document;
    const backends = own.map((settings) => settings["backend"]).filter((backend) => backend !== undefined);
    const isKept =
      before === undefined
        ? backends.length === 1 && patterns.includes(pattern(backends[0], name))
        : isEqual(
            backends,
            settingsOf(before).flatMap((settings) => settings["backend"] ?? []),
          );
    return [
      ...(isKept
        ? []
        : [
            {
              path: `${name}: terraform.backend`,
              rule: "is not what the base has: the state would be kept elsewhere",
              got: backends[0] ?? null,
              fix: FIX,
            },
          ]),
      ...own.flatMap((settings) =>
        Object.keys(settings)
          .filter((key) => !KNOWN.has(key))
          .map((key) => ({
            path: `${name}: terraform.${key}`,
            rule: "has no place in a synthesized stack",
            fix: "leave it out",
          })),
      ),
      ...own
        .filter((settings) => !versions.some((version) => isEqual(version, settings["required_version"])))
        .map((settings) => ({
          path: `${name}: terraform.required_version`,
          rule: "is not what the base has",
          got: settings["required_version"] ?? null,
          fix: FIX,
        })),
    ];
  });
}

function settingsOf(document: Json): readonly Json[] {
  return blocksOf(document["terraform"], 0).map(({ body }) => body);
}

/** A backend with the stack's own name taken out: what new stacks must have as well. */
function pattern(backend: unknown, name: string): string {
  return JSON.stringify(backend ?? null).replaceAll(name, "<stack>");
}
