import { wholeSource } from "../gate/providers";
import { type Json, list, object, text } from "../json";

/** A provider that a stack takes. */
export interface Provider {
  readonly name: string;
  /** Where it comes from, in full. Shape: `registry.terraform.io/hashicorp/aws`. */
  readonly source: string;
  /** Constraint. Shape: `6.25.0`, `~> 5.0`. */
  readonly version?: string;
}

/** What a stack brings in from elsewhere, and what runs where it is planned or applied. */
export interface Supply {
  readonly stack: string;
  readonly providers: readonly Provider[];
  /** Settings of providers, with the defaults of variables in their place. By name and alias. Shape: `{ "aws.east": { region: "…" } }`. */
  readonly settings: ReadonlyMap<string, Json>;
  /** Bodies by address. Shape: `{ "data.external.a": {…}, "ephemeral.random_password.b": {…} }`. */
  readonly reads: ReadonlyMap<string, Json>;
  readonly modules: ReadonlyMap<string, { readonly source: string; readonly version?: string }>;
  readonly provisioners: readonly Provisioner[];
  /** Where the state is. Absent where nothing says it, as in plans. */
  readonly backend?: Json;
}

/** Something that runs when a resource is made or destroyed. */
export interface Provisioner {
  readonly address: string;
  readonly type: string;
  /** Shape: `local-exec`. */
  readonly kind: string;
  readonly body: Json;
  /** Host that it connects to, where that is a plain text. */
  readonly host?: string;
}

/** What a synthesized document brings in. */
export function supplyOfDocument(stack: string, document: Json): Supply {
  const terraform = object(document["terraform"]);
  const backend = object(
    terraform["backend"] ?? (terraform["cloud"] === undefined ? {} : { cloud: terraform["cloud"] }),
  );
  return {
    stack,
    providers: Object.entries(object(terraform["required_providers"])).map(([name, given]) =>
      providerOf(name, text(given) === undefined ? object(given) : { version: given }),
    ),
    settings: settingsOf(document),
    reads: readsOf(document),
    modules: new Map(
      Object.entries(object(document["module"])).map(([name, body]) => [`module.${name}`, moduleOf(object(body))]),
    ),
    provisioners: [...resourcesOf(document["resource"]), ...removedIn(document)].flatMap(([address, type, body]) =>
      provisionersOf(address, type, body),
    ),
    ...(Object.keys(backend).length > 0 && { backend }),
  };
}

function providerOf(name: string, { source, version }: Json): Provider {
  const constraint = text(version);
  return {
    name,
    source: wholeSource(text(source) ?? name),
    ...(constraint !== undefined && { version: constraint }),
  };
}

function moduleOf({ source, version }: Json): { readonly source: string; readonly version?: string } {
  const constraint = text(version);
  return { source: text(source) ?? "", ...(constraint !== undefined && { version: constraint }) };
}

function settingsOf(document: Json): ReadonlyMap<string, Json> {
  const variables = object(document["variable"]);
  const blocks = Object.entries(object(document["provider"])).flatMap(([name, given]) =>
    (Array.isArray(given) ? list(given) : [given]).map((block): [string, Json] => {
      const alias = text(object(block)["alias"]);
      return [alias === undefined ? name : `${name}.${alias}`, object(withDefaults(block, variables))];
    }),
  );
  return new Map(blocks);
}

/** Settings with what variables are where nobody says otherwise. */
function withDefaults(block: unknown, variables: Json): Json {
  return Object.fromEntries(
    Object.entries(object(block)).map(([key, value]) => {
      const name = /^\$\{var\.([\w-]+)\}$/.exec(text(value) ?? "")?.[1];
      const variable = name === undefined ? undefined : object(variables[name]);
      return [key, variable !== undefined && Object.hasOwn(variable, "default") ? variable["default"] : value];
    }),
  );
}

function readsOf(document: Json): ReadonlyMap<string, Json> {
  const of = (kind: string, blocks: unknown) =>
    resourcesOf(blocks).map(([address, , body]): [string, Json] => [`${kind}.${address}`, body]);
  const checks = Object.values(object(document["check"])).flatMap((check) => of("data", object(check)["data"]));
  return new Map([...of("data", document["data"]), ...of("ephemeral", document["ephemeral"]), ...checks]);
}

function resourcesOf(blocks: unknown): readonly (readonly [address: string, type: string, body: Json])[] {
  return Object.entries(object(blocks)).flatMap(([type, byName]) =>
    Object.entries(object(byName)).map(([name, body]) => {
      const entries = Object.entries(object(body)).filter(([key]) => key !== "//");
      return [`${type}.${name}`, type, Object.fromEntries(entries)] as const;
    }),
  );
}

/** What is removed may run something as it goes. */
function removedIn(document: Json): readonly (readonly [address: string, type: string, body: Json])[] {
  return list(document["removed"]).map((block) => {
    const from = text(object(block)["from"]) ?? "";
    return [from, from.split(".")[0] ?? "", object(block)] as const;
  });
}

function provisionersOf(address: string, type: string, body: Json): readonly Provisioner[] {
  const given = body["provisioner"];
  return (Array.isArray(given) ? list(given) : [given]).flatMap((block) =>
    Object.entries(object(block)).flatMap(([kind, settings]) =>
      (Array.isArray(settings) ? list(settings) : [settings]).map((one): Provisioner => {
        const host = text(object(object(one)["connection"] ?? body["connection"])["host"]);
        return { address, type, kind, body: object(one), ...(host !== undefined && !host.includes("${") && { host }) };
      }),
    ),
  );
}

/** The most modules of a plan that are looked into. */
const MOST_MODULES = 10_000;

/** What a plan's configuration brings in, modules and all. */
export function supplyOfPlan(stack: string, document: Json): Supply {
  const configuration = object(document["configuration"]);
  const providers = new Map(
    Object.values(object(configuration["provider_config"]))
      .map(object)
      .map(({ name, full_name: source, version_constraint: version }) =>
        providerOf(text(name) ?? "", { source: source ?? name, version }),
      )
      .map((provider) => [provider.source, provider]),
  );
  const [reads, modules] = [new Map<string, Json>(), new Map<string, ReturnType<typeof moduleOf>>()];
  const provisioners: Provisioner[] = [];
  const queue: (readonly [prefix: string, module: Json])[] = [["", object(configuration["root_module"])]];
  for (let at = 0; at < Math.min(queue.length, MOST_MODULES); at++) {
    const [prefix, module] = queue[at] as (typeof queue)[number];
    for (const resource of list(module["resources"]).map(object)) {
      const [type, name] = [text(resource["type"]) ?? "", text(resource["name"]) ?? ""];
      const address = `${prefix}${type}.${name}`;
      if (resource["mode"] === "data") reads.set(`${prefix}data.${type}.${name}`, object(resource["expressions"]));
      for (const one of list(resource["provisioners"]).map(object))
        provisioners.push({ address, type, kind: text(one["type"]) ?? "", body: object(one["expressions"]) });
    }
    for (const [name, call] of Object.entries(object(module["module_calls"]))) {
      const { source, version_constraint: version, module: inner } = object(call);
      modules.set(`${prefix}module.${name}`, moduleOf({ source, version }));
      queue.push([`${prefix}module.${name}.`, object(inner)]);
    }
  }
  return { stack, providers: [...providers.values()], settings: new Map(), reads, modules, provisioners };
}
