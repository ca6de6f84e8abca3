import type { Problem } from "../constructs/core/problems";
import { knownSecret, secretName, urlUser } from "../constructs/core/secret-shapes";
import type { Volume } from "./volume-types";

const RULE = "must not hold a secret: it would be in the repository, the plan, the state and Nomad's API";

/** Secrets in what a volume tells its driver, and in its mount flags. Values are never repeated. */
export function volumeSecretProblems(path: string, volume: Volume): Problem[] {
  if (volume.kind === "dynamic-host") return [];
  const flags = (volume.kind === "nfs" ? volume.mountFlags : volume.mountOptions?.mountFlags) ?? [];
  const flagsAt = volume.kind === "nfs" ? "mountFlags" : "mountOptions.mountFlags";
  const settings = volume.kind === "nfs" ? {} : { context: contextOf(volume), parameters: volume.parameters };
  return [
    ...Object.entries(settings).flatMap(([property, values]) =>
      Object.entries(values ?? {}).flatMap(([name, value]) =>
        isSecret(name, value) ? [{ path: `${path}.${property}.${name}`, rule: RULE, fix: FIX }] : [],
      ),
    ),
    ...flags.flatMap((flag, index) => {
      const [name = "", value = ""] = flag.split(/=(.*)/s);
      return isSecret(name, value) ? [{ path: `${path}.${flagsAt}[${index}]`, rule: RULE, fix: FIX }] : [];
    }),
  ];
}

const FIX = "give it to the plugin's programs, from a Nomad variable and a template of the driver";

function contextOf(volume: Volume): Readonly<Record<string, string>> | undefined {
  return volume.kind === "registered" ? volume.context : undefined;
}

/** Whether a setting is a secret by its name or by what it looks like; what only names a file holds none. */
export function isSecret(name: string, value: string): boolean {
  if (value === "" || value.startsWith("/")) return false;
  return secretName.test(name) || knownSecret.test(value) || urlUser.test(value);
}
