import type { Problem } from "../../constructs/core/problems";
import {
  NOMAD_PROVIDER_SCALING_VERSION,
  NOMAD_PROVIDER_VERSION,
  TAILSCALE_PROVIDER_VERSION,
} from "../../model/versions";
import { type Json, list, object, text } from "../json";
import type { Allowed, AllowedProvider } from "./types";

/** Providers that Steppe itself pins. */
export const PINNED: readonly AllowedProvider[] = [
  { source: "hashicorp/nomad", version: NOMAD_PROVIDER_VERSION },
  { source: "hashicorp/nomad", version: NOMAD_PROVIDER_SCALING_VERSION },
  { source: "tailscale/tailscale", version: TAILSCALE_PROVIDER_VERSION },
];

/** Nothing besides what the base has. */
export const NOTHING: Allowed = {
  providers: [],
  configurations: [],
  dataSources: [],
  ephemeralResources: [],
  modules: [],
  provisioners: [],
  variables: [],
};

const TEXTS = ["dataSources", "ephemeralResources", "modules", "provisioners", "variables"] as const;

/** A list of what is allowed, or what is wrong with it. @param value - parsed JSON. */
export function readAllowed(value: unknown): { readonly allowed: Allowed } | { readonly problems: readonly Problem[] } {
  const given = object(value);
  const problems: Problem[] = Object.keys(given)
    .filter((key) => !Object.hasOwn(NOTHING, key))
    .map((key) => ({ path: key, rule: `is not known; use one of ${Object.keys(NOTHING).join(", ")}` }));
  for (const key of TEXTS)
    if (given[key] !== undefined && !(Array.isArray(given[key]) && given[key].every((one) => typeof one === "string")))
      problems.push({ path: key, rule: "must be a list of texts", got: given[key] });
  const providers = list(given["providers"]).flatMap((one, index): readonly AllowedProvider[] => {
    const [source, version] = [text(object(one)["source"]), text(object(one)["version"])];
    if (source !== undefined && version !== undefined) return [{ source, version }];
    problems.push({ path: `providers[${index}]`, rule: "must have a source and a version" });
    return [];
  });
  const configurations = list(given["configurations"]).flatMap((one, index) => {
    const [source, configuration] = [text(object(one)["source"]), object(one)["configuration"]];
    if (source !== undefined && typeof configuration === "object" && configuration !== null)
      return [{ source, configuration: configuration as Json }];
    problems.push({ path: `configurations[${index}]`, rule: "must have a source and a configuration" });
    return [];
  });
  if (problems.length > 0) return { problems };
  const texts = Object.fromEntries(TEXTS.map((key) => [key, list(given[key])])) as unknown as Pick<
    Allowed,
    (typeof TEXTS)[number]
  >;
  return { allowed: { ...texts, providers, configurations } };
}
