import type { Problem } from "../../constructs/core/problems";
import { isEqual, type Json, object, text } from "../json";
import { type Block, blocksOf } from "./blocks";
import { PINNED } from "./allowed";
import type { Allowed, AllowedProvider } from "./types";

/** A document of a stack. */
export interface Named {
  readonly name: string;
  readonly document: Json;
}

const FIX = "leave it as the base has it, or have the base's list allow it first (--allow)";
/** Names of regions, which lead to no other place than the provider's own. */
const REGION = /^[a-z0-9-]{1,64}$/;

/** A source with its registry: `aws` and `hashicorp/aws` are `registry.terraform.io/hashicorp/aws`. */
export function wholeSource(source: string): string {
  const parts = source.toLowerCase().split("/");
  if (parts.length === 1) return `registry.terraform.io/hashicorp/${source.toLowerCase()}`;
  return parts.length === 2 ? `registry.terraform.io/${source.toLowerCase()}` : source.toLowerCase();
}

/** Providers that a change may not use: another source or version than the base has, or one that nobody pins. */
export function providerProblems(base: readonly Named[], head: readonly Named[], allowed: Allowed): readonly Problem[] {
  const known = [...PINNED, ...allowed.providers, ...base.flatMap(({ document }) => required(document))].map(keyOf);
  const permitted = new Set(known);
  return head.flatMap(({ name, document }) => {
    const own = required(document);
    const refused = own
      .filter((provider) => !permitted.has(keyOf(provider)))
      .map(({ local, source, version }) => ({
        path: `${name}: terraform.required_providers.${local}`,
        rule: "is a provider that is not on the list",
        got: `${source} ${version}`.trim(),
        fix: FIX,
      }));
    const locals = new Set(own.map(({ local }) => local));
    const implied = usedLocals(document).filter(([, local]) => local !== "terraform" && !locals.has(local));
    return [
      ...refused,
      ...implied.map(([where, local]) => ({
        path: `${name}: ${where}`,
        rule: `implies provider hashicorp/${local}, which the stack does not pin`,
        fix: FIX,
      })),
    ];
  });
}

/** Providers that are set up in another way than in the base: their credentials would go elsewhere, or be others. */
export function configurationProblems(
  base: readonly Named[],
  head: readonly Named[],
  allowed: Allowed,
): readonly Problem[] {
  const all = base.flatMap(({ document }) => configurations(document));
  const listed = allowed.configurations.map(({ source, configuration }) => ({
    source: wholeSource(source),
    body: configuration,
  }));
  return head.flatMap(({ name, document }) => {
    const before = base.find((other) => other.name === name)?.document;
    const own = before === undefined ? [] : configurations(before);
    return configurations(document).flatMap(({ local, source, body }) => {
      const same = own.filter((other) => other.source === source && isEqual(other.body["alias"], body["alias"]));
      // A stack that is there stays as it is; a new one is set up as some other.
      const candidates = [...(same.length > 0 ? same : all), ...listed].filter((other) => other.source === source);
      const differing = candidates.map((candidate) => differences(candidate.body, body));
      const least = differing.sort((a, b) => a.length - b.length)[0] ?? differences({}, body);
      return least.map((key) => ({
        path: `${name}: provider.${local}.${key}`,
        rule: "is not what the base has: the provider would be given credentials for something else",
        got: body[key] ?? null,
        fix: FIX,
      }));
    });
  });
}

function differences(base: Json, head: Json): readonly string[] {
  const keys = [...new Set([...Object.keys(base), ...Object.keys(head)])].filter((key) => key !== "//");
  return keys.filter((key) => {
    if (isEqual(base[key], head[key])) return false;
    const value = head[key];
    return !(key === "region" && typeof value === "string" && REGION.test(value));
  });
}

interface Required extends AllowedProvider {
  readonly local: string;
}

function required(document: Json): readonly Required[] {
  return blocksOf(document["terraform"], 0)
    .flatMap(({ body }) => blocksOf(body["required_providers"], 0))
    .flatMap(({ body }) => Object.entries(body))
    .filter(([local]) => local !== "//")
    .map(([local, value]) => ({
      local,
      source: text(object(value)["source"]) ?? local,
      version: text(object(value)["version"]) ?? text(value) ?? "",
    }));
}

function keyOf({ source, version }: AllowedProvider): string {
  return `${wholeSource(source)} ${version}`;
}

interface Configuration {
  readonly local: string;
  readonly source: string;
  readonly body: Json;
}

function configurations(document: Json): readonly Configuration[] {
  const sources = new Map(required(document).map(({ local, source }) => [local, wholeSource(source)]));
  return blocksOf(document["provider"], 1).map(({ labels: [local = ""], body }) => ({
    local,
    source: sources.get(local) ?? wholeSource(local),
    body,
  }));
}

/** Local names of providers that blocks use, with where. */
function usedLocals(document: Json): readonly (readonly [where: string, local: string])[] {
  const of = (type: string, labels: number) =>
    blocksOf(document[type], labels).map((block) => [addressOf(type, block), localOf(type, block)] as const);
  return [...of("resource", 2), ...of("data", 2), ...of("ephemeral", 2), ...of("provider", 1)];
}

function localOf(type: string, { labels, body }: Block): string {
  const [first = ""] = labels;
  if (type === "provider") return first;
  const chosen = text(body["provider"])?.replace(/^\$\{\s*|\s*\}$/g, "");
  return chosen?.split(".")[0] ?? first.split("_")[0] ?? "";
}

/** Shape: `data.aws_ami.x`. */
export function addressOf(type: string, { labels }: Block): string {
  return [...(type === "resource" ? [] : [type]), ...labels].join(".");
}
