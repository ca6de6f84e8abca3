import { type Json, object, text } from "../json";

/** The Nomad region that a stack's provider talks to. */
export function nomadRegionOf(document: Json): string | undefined {
  const providers = object(document["provider"])["nomad"];
  const first: unknown = Array.isArray(providers) ? providers[0] : providers;
  return text(object(first)["region"]);
}
