import { isObject, sortKeys } from "../../constructs/jobspec/json-value";

/** A part of a job by the names of Nomad's API. */
export type Part = Readonly<Record<string, unknown>>;

/** What Nomad fills in where a job is silent, for the parts that decide whether an allocation is replaced. */
const DEFAULTS = {
  Job: { Type: "service", Priority: 50, Datacenters: ["*"], NodePool: "default", Namespace: "default" },
  EphemeralDisk: { Sticky: false, SizeMB: 300, Migrate: false },
  Port: { HostNetwork: "default", To: 0, Value: 0, IgnoreCollision: false },
  Artifact: { GetterMode: "any", RelativeDest: "local/", GetterInsecure: false, Chown: false },
  Template: {
    ChangeMode: "restart",
    Splay: 5_000_000_000,
    Perms: "0644",
    LeftDelim: "{{",
    RightDelim: "}}",
    Envvars: false,
    Once: false,
    ErrMissingKey: false,
  },
  Vault: { Env: true, DisableFile: false, ChangeMode: "restart", Cluster: "default", AllowTokenExpiration: false },
  VolumeMount: { ReadOnly: false, PropagationMode: "private" },
  Volume: { ReadOnly: false, PerAlloc: false, Sticky: false },
  Device: { Count: 1 },
  Resources: { CPU: 100, Cores: 0, MemoryMB: 300, MemoryMaxMB: 0, SecretsMB: 0 },
} as const satisfies Readonly<Record<string, Part>>;

/** A part with what Nomad fills in, and without what says nothing: unset values, empty texts, lists and maps. */
export function effective(kind: keyof typeof DEFAULTS | "", part: unknown): unknown {
  const filled = kind === "" || !isObject(part) ? part : { ...DEFAULTS[kind], ...(said(part) as Part) };
  return sortKeys(said(filled));
}

/** A list of parts. */
export function effectiveList(kind: keyof typeof DEFAULTS | "", parts: unknown): readonly unknown[] {
  return (Array.isArray(parts) ? parts : []).map((part: unknown) => effective(kind, part));
}

function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(said);
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .map(([key, one]) => [key, said(one)] as const)
    .filter(([, one]) => one !== undefined && one !== null && one !== "" && !isEmpty(one));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** A block of a part; empty where there is none. */
export function partOf(value: unknown): Part {
  return isObject(value) ? value : {};
}
