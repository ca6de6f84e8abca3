/** What is wrong with the attribute of a constraint, an affinity or a spread. */
export interface AttributeTrouble {
  readonly rule: string;
  readonly fix: string;
  /** Nomad refuses it in constraints. */
  readonly isRefused: boolean;
}

const exact = new Set(["node.unique.id", "node.unique.name", "node.datacenter", "node.class", "node.pool"]);

/** First parts of the names that clients fingerprint, and for some what may follow. */
const roots: Readonly<Record<string, RegExp | undefined>> = {
  kernel: /^(name|version|arch|landlock)$/,
  os: /^(name|version|build|signals|cgroups\.version)$/,
  cpu: /^(arch|modelname|(numcores|frequency)(\.(performance|efficiency))?|(reservablecores|totalcompute|usablecompute))$/,
  memory: /^totalbytes$/,
  numa: /^node\.count$|^node\d/,
  nomad: /^(version|revision|service_discovery|bridge\.hairpin_mode|advertise\.address)$/,
  unique: undefined,
  platform: undefined,
  plugins: undefined,
  driver: undefined,
  consul: undefined,
  vault: undefined,
  storage: undefined,
  network: undefined,
  host: undefined,
  env: undefined,
};

const known = new Map<string, AttributeTrouble | undefined>();

/** Why an attribute can be on no node; undefined when it can, and for text that is no reference. A fleet repeats itself. */
export function attributeTrouble(attribute: string): AttributeTrouble | undefined {
  if (known.has(attribute)) return known.get(attribute);
  const trouble = find(attribute);
  if (known.size < 1000) known.set(attribute, trouble);
  return trouble;
}

function find(attribute: string): AttributeTrouble | undefined {
  if (!attribute.startsWith("$") || attribute.includes("{TfToken[")) return undefined;
  const name = /^\$\{(.+)\}$/.exec(attribute)?.[1];
  if (name === undefined) {
    return { rule: "must be written ${…}", fix: "write it as in ${node.class}", isRefused: true };
  }
  if (name.startsWith("meta.") || name.startsWith("device.") || exact.has(name)) return undefined;
  if (!name.startsWith("attr.")) return refused(name);
  const [root = "", ...rest] = name.slice("attr.".length).split(".");
  if (!Object.hasOwn(roots, root)) return unknown(name, root);
  const pattern = roots[root];
  return pattern === undefined || pattern.test(rest.join(".")) ? undefined : unknown(name, root);
}

function refused(name: string): AttributeTrouble {
  if (name === "node.region") {
    const fix = "remove it: a job runs in one region, that of its stack";
    return { rule: "cannot be used for placement", fix, isRefused: true };
  }
  const fix = name.startsWith("NOMAD_")
    ? "use ${node.…}, ${attr.…} or ${meta.…}: placement comes before the task has an environment"
    : "use ${node.…}, ${attr.…} or ${meta.…}";
  return { rule: "cannot be used for placement", fix, isRefused: true };
}

function unknown(name: string, root: string): AttributeTrouble {
  const isGpu = root === "nvidia" || root === "gpu" || root === "cuda";
  const fix = isGpu
    ? 'ask for resources.devices: [{ name: "nvidia/gpu" }] and use ${device.attr.…} there'
    : "nomad node status -verbose <id> shows what nodes have; your own go into nodeMeta of the pool";
  return { rule: `is on no node: clients have no ${name}`, fix, isRefused: false };
}
