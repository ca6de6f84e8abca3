import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nomadRegionOf } from "../../review/source/region";
import { isMissing, UserError } from "../errors";

/** Any JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A machine that a resource logs in to. */
export interface Connection {
  /** Resource that connects, without an index: `terraform_data.e1`. */
  readonly resource: string;
  readonly host: string;
  readonly port: number;
  readonly hostKey?: string;
  /** Keys come from the SSH agent. */
  readonly agent: boolean;
  /** Only used when the resource is destroyed. */
  readonly onDestroy: boolean;
  /** Resources whose replacement makes this one connect again: the machine, where Terraform makes it. */
  readonly after: readonly string[];
}

/** One synthesized stack. */
export interface Stack {
  readonly name: string;
  /** Directory of its `cdk.tf.json`. */
  readonly directory: string;
  /** The synthesized document. */
  readonly document: Json;
  /** Names of the stacks to be applied before it. */
  readonly dependencies: readonly string[];
  readonly variables: readonly string[];
  /** Ephemeral variables that carry the secrets of an identity. */
  readonly secretVariables: readonly string[];
  /** By local name. Sources are given with their registry: `registry.terraform.io/hashicorp/nomad`. */
  readonly providers: Readonly<Record<string, { readonly source: string; readonly version?: string }>>;
  readonly backend: { readonly kind: string; /** Of a local backend. */ readonly path?: string };
  /** The Nomad region whose API it needs, for a stack of Nomad objects. */
  readonly nomadRegion?: string;
  readonly connections: readonly Connection[];
}

interface Manifest {
  readonly stacks: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly workingDirectory: string;
        readonly synthesizedStackPath: string;
        readonly dependencies: readonly string[];
      }
    >
  >;
}

/**
 * Reads what was synthesized.
 *
 * @returns the stacks in an order of application: every stack after those that it depends on.
 * @throws UserError when nothing was synthesized.
 */
export function readStacks(outdir: string): Stack[] {
  const { stacks } = read(join(outdir, "manifest.json")) as Manifest;
  return inOrder(
    Object.values(stacks).map((entry) => {
      const file = resolve(outdir, entry.synthesizedStackPath);
      return describe(entry.name, resolve(outdir, entry.workingDirectory), read(file) as Json, entry.dependencies);
    }),
  );
}

/**
 * The stacks that a user named, in order. `jobs-east` stands for `<fleet>-jobs-east`.
 *
 * @param names - empty for all.
 * @throws UserError that lists what there is.
 */
export function selectStacks(stacks: readonly Stack[], fleet: string, names: readonly string[]): Stack[] {
  const wanted = new Set<string>();
  const unknown: string[] = [];
  for (const name of names) {
    const found = stacks.find((stack) => stack.name === name || stack.name === `${fleet}-${name}`);
    if (found === undefined) unknown.push(name);
    else wanted.add(found.name);
  }
  if (unknown.length > 0)
    throw new UserError(`fleet ${fleet} has no stack ${unknown.map((name) => JSON.stringify(name)).join(", ")}`, [
      `use one of: ${stacks.map(({ name }) => name).join(", ")}`,
    ]);
  return stacks.filter(({ name }) => names.length === 0 || wanted.has(name));
}

function describe(name: string, directory: string, document: Json, dependencies: readonly string[]): Stack {
  const terraform = object(document["terraform"]);
  const [backendKind, backend] = Object.entries(object(terraform["backend"]))[0] ?? ["local", {}];
  const path = object(backend)["path"];
  const variables = Object.entries(object(document["variable"]));
  const nomadRegion = nomadRegionOf(document);
  return {
    name,
    directory,
    document,
    dependencies,
    variables: variables.map(([variable]) => variable),
    secretVariables: variables
      .filter(([variable, body]) => variable.startsWith("secrets_") && object(body)["ephemeral"] === true)
      .map(([variable]) => variable),
    providers: Object.fromEntries(
      Object.entries(object(terraform["required_providers"])).map(([local, body]) => {
        const { source, version } = object(body);
        return [
          local,
          {
            source: fullSource(typeof source === "string" ? source : `hashicorp/${local}`),
            ...(typeof version === "string" && { version }),
          },
        ];
      }),
    ),
    backend: {
      kind: backendKind,
      ...(backendKind === "local" && {
        path: resolve(directory, typeof path === "string" ? path : "terraform.tfstate"),
      }),
    },
    ...(nomadRegion !== undefined && { nomadRegion }),
    connections: connectionsOf(document),
  };
}

/** Source of a provider with its registry. */
export function fullSource(source: string): string {
  return source.split("/").length === 3 ? source : `registry.terraform.io/${source}`;
}

function connectionsOf(document: Json): Connection[] {
  return Object.entries(object(document["resource"])).flatMap(([type, resources]) =>
    Object.entries(object(resources)).flatMap(([name, body]) => {
      const resource = `${type}.${name}`;
      const own = object(body)["connection"];
      const after = references(object(body)["triggers_replace"]);
      const provisioners = object(body)["provisioner"];
      const blocks = (Array.isArray(provisioners) ? provisioners : [])
        .flatMap((provisioner) => Object.values(object(provisioner)))
        .map(object);
      return [
        ...connection(own, { resource, after, onDestroy: false }),
        ...blocks.flatMap((block) =>
          connection(block["connection"], { resource, after, onDestroy: block["when"] === "destroy" }),
        ),
      ];
    }),
  );
}

/** Resources that expressions anywhere in a value refer to: `${aws_instance.e1.id}` is `aws_instance.e1`. */
function references(value: unknown): string[] {
  return [...JSON.stringify(value ?? null).matchAll(/\$\{([a-z][a-z0-9_]*\.[A-Za-z][\w-]*)\./g)].map(
    ([, address = ""]) => address,
  );
}

function connection(block: unknown, who: Pick<Connection, "resource" | "after" | "onDestroy">): Connection[] {
  const { type, host, port, host_key: hostKey, agent, private_key: privateKey, password } = object(block);
  // What is only known at apply cannot be tried before it.
  if (typeof host !== "string" || host.includes("${") || (type !== undefined && type !== "ssh")) return [];
  return [
    {
      ...who,
      host,
      port: typeof port === "number" || (typeof port === "string" && /^\d+$/.test(port)) ? Number(port) : 22,
      ...(typeof hostKey === "string" && hostKey !== "" && { hostKey }),
      agent: agent === true || (agent === undefined && privateKey === undefined && password === undefined),
    },
  ];
}

function inOrder(stacks: readonly Stack[]): Stack[] {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const ordered = new Set<Stack>();
  const visit = (stack: Stack, above: readonly string[]): void => {
    if (ordered.has(stack)) return;
    if (above.includes(stack.name))
      throw new UserError(`stacks depend on each other: ${[...above, stack.name].join(" -> ")}`);
    for (const name of stack.dependencies) {
      const needed = byName.get(name);
      if (needed === undefined)
        throw new UserError(`stack ${stack.name} depends on ${name}, which was not synthesized`);
      visit(needed, [...above, stack.name]);
    }
    ordered.add(stack);
  };
  for (const stack of stacks) visit(stack, []);
  return [...ordered];
}

function read(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (isMissing(error)) throw new UserError(`${path} does not exist: nothing was synthesized`, ["run npm run synth"]);
    throw error;
  }
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
