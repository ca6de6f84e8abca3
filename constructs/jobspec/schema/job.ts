import type { EphemeralDisk, Group } from "../group";
import type { Job, Parameterized, Periodic, Ui, UiLink } from "../job";
import { block, blocks, durationPointer, labelled, map, own, pointer, size, value } from "./codecs";
import { type FieldSpec, type Json, schema, type Schema } from "./field";
import { attribute, nestedBlock } from "./hcl-body";
import { network } from "./network";
import { affinity, constraint, spread } from "./placement";
import { disconnect, migrate, reschedule, restart, update } from "./policies";
import { scaling } from "./scaling";
import { serviceWithProvider } from "./service";
import { task } from "./task";
import { volume } from "./volume";
import { consul, secret, vault } from "./workload";

/** A block that Nomad's HCL parser hands down to tasks; its API has no place for it. */
function handedDown(hcl: string, inner: Schema, isLabelled: boolean, since?: string): FieldSpec {
  return own({
    kind: isLabelled ? "labelled" : "block",
    hcl,
    children: inner,
    keys: [],
    entries: [],
    read: () => undefined,
    items: (given) =>
      isLabelled
        ? Object.entries(given as Readonly<Record<string, object>>).map(([label, one]) =>
            nestedBlock(hcl, inner.items(one), label),
          )
        : [nestedBlock(hcl, inner.items(given as object))],
    ...(since === undefined ? {} : { since }),
  });
}

const ephemeralDisk = schema<EphemeralDisk>("EphemeralDisk", {
  size: size("SizeMB"),
  sticky: pointer("Sticky"),
  migrate: pointer("Migrate"),
});

export const group = schema<Group>(
  "Group",
  {
    count: pointer("Count"),
    shutdownDelay: durationPointer("ShutdownDelay"),
    maxRunDuration: durationPointer("MaxRunDuration", { since: "2.0.0" }),
    meta: map("Meta", { form: "either" }),
    constraints: blocks("Constraints", "constraint", constraint),
    affinities: blocks("Affinities", "affinity", affinity),
    spreads: blocks("Spreads", "spread", spread),
    network: own({
      kind: "block",
      hcl: "network",
      children: network,
      keys: ["Networks"],
      entries: [{ key: "Networks", compute: (given) => [network.render(given as object)] }],
      read: (json, at, trouble) => {
        const [first, ...others] = (json["Networks"] ?? []) as readonly Json[];
        if (others.length > 0) trouble(`${at}.network`, "more than one network", others);
        return first === undefined ? undefined : network.parse(first, `${at}.network`, trouble);
      },
      items: (given) => [nestedBlock("network", network.items(given as object))],
    }),
    volumes: labelled("Volumes", "volume", volume, { asMap: true }),
    ephemeralDisk: block("EphemeralDisk", ephemeralDisk),
    restart: block("RestartPolicy", restart),
    reschedule: block("ReschedulePolicy", reschedule),
    update: block("Update", update),
    migrate: block("Migrate", migrate),
    disconnect: block("Disconnect", disconnect, { since: "1.8.0" }),
    scaling: block("Scaling", scaling),
    consul: block("Consul", consul),
    vault: handedDown("vault", vault, false),
    secrets: handedDown("secret", secret, true, "1.11.0"),
    services: blocks("Services", "service", serviceWithProvider),
    tasks: labelled("Tasks", "task", task, { keepEmpty: true }),
  },
  { label: "Name" },
);

const periodic = schema<Periodic>(
  "Periodic",
  {
    cron: value("Spec", { hcl: "cron" }),
    crons: value("Specs", { hcl: "crons", since: "1.6.2" }),
    prohibitOverlap: pointer("ProhibitOverlap"),
    timeZone: value("TimeZone"),
    enabled: pointer("Enabled"),
  },
  { ignore: ["SpecType"] },
);

const parameterized = schema<Parameterized>("Parameterized", {
  payload: value("Payload"),
  metaRequired: value("MetaRequired"),
  metaOptional: value("MetaOptional"),
});

const ui = schema<Ui>("Ui", {
  description: value("Description"),
  links: blocks(
    "Links",
    "link",
    schema<UiLink>("UiLink", { label: value("Label"), url: value("URL", { hcl: "url", answeredAs: "Url" }) }),
  ),
});

/** What the servers write into a job, and what a jobspec cannot set. */
const ofServers = [
  "Stop",
  "ParentID",
  "Dispatched",
  "DispatchIdempotencyToken",
  "Payload",
  "ConsulNamespace",
  "VaultNamespace",
  "ConsulToken",
  "VaultToken",
  "NomadTokenID",
  "Status",
  "StatusDescription",
  "Stable",
  "Version",
  "SubmitTime",
  "CreateIndex",
  "ModifyIndex",
  "JobModifyIndex",
  "VersionTag",
];

export const job = schema<Job>(
  "Job",
  {
    id: own({
      kind: "value",
      hcl: "id",
      keys: ["ID"],
      entries: [{ key: "ID", compute: (given) => given }],
      read: ({ ID }) => ID,
      items: () => [],
    }),
    name: own({
      kind: "value",
      hcl: "name",
      keys: ["Name"],
      entries: [{ key: "Name", always: true, compute: (given, whole) => given ?? (whole as Job).id }],
      read: ({ ID, Name }) => (Name === ID || Name === null || Name === "" ? undefined : Name),
      items: (given) => [attribute("name", given)],
    }),
    type: own({
      kind: "value",
      hcl: "type",
      keys: ["Type"],
      entries: [{ key: "Type", always: true, compute: (given) => given ?? "service" }],
      read: ({ Type }) => (Type === "service" || Type === null || Type === "" ? undefined : Type),
      items: (given) => [attribute("type", given)],
    }),
    region: pointer("Region"),
    namespace: pointer("Namespace"),
    nodePool: pointer("NodePool"),
    datacenters: value("Datacenters"),
    priority: pointer("Priority"),
    allAtOnce: pointer("AllAtOnce"),
    meta: map("Meta", { form: "either" }),
    ui: block("UI", ui, { since: "1.8.0" }),
    constraints: blocks("Constraints", "constraint", constraint),
    affinities: blocks("Affinities", "affinity", affinity),
    spreads: blocks("Spreads", "spread", spread),
    periodic: block("Periodic", periodic),
    parameterized: block("ParameterizedJob", parameterized),
    update: block("Update", update),
    reschedule: block("Reschedule", reschedule),
    migrate: block("Migrate", migrate),
    vault: handedDown("vault", vault, false),
    secrets: handedDown("secret", secret, true, "1.11.0"),
    groups: labelled("TaskGroups", "group", group, { keepEmpty: true }),
    allow: own({ kind: "own", hcl: "", keys: [], entries: [], read: () => undefined, items: () => [] }),
  },
  { ignore: ofServers },
);
