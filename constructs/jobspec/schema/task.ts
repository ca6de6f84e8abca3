import type { Artifact, CsiPlugin, DispatchPayload, Lifecycle, Task } from "../task";
import { asBody, block, blocks, duration, durationPointer, labelled, map, own, pointer, value } from "./codecs";
import { driverSchemas } from "./drivers";
import { type Json, schema, type Schema, type Trouble } from "./field";
import { attribute, nestedBlock, openItems } from "./hcl-body";
import { logs } from "./logs";
import { affinity, taskConstraint } from "./placement";
import { restart } from "./policies";
import { resources } from "./resources";
import { serviceWithProvider } from "./service";
import { template } from "./template";
import { volumeMount } from "./volume";
import { action, consul, identities, secret, vault } from "./workload";

const artifact = schema<Artifact>("Artifact", {
  source: value("GetterSource"),
  destination: value("RelativeDest"),
  mode: value("GetterMode"),
  insecure: pointer("GetterInsecure", { since: "1.7.0" }),
  chown: value("Chown", { since: "1.8.0" }),
  options: map("GetterOptions"),
  headers: map("GetterHeaders"),
});

const lifecycle = schema<Lifecycle>("Lifecycle", { hook: value("Hook"), sidecar: value("Sidecar") });

const dispatchPayload = schema<DispatchPayload>("DispatchPayload", { file: value("File") });

const csiPlugin = schema<CsiPlugin>("CsiPlugin", {
  id: value("ID", { hcl: "id" }),
  type: value("Type"),
  mountDir: value("MountDir"),
  stagePublishBaseDir: value("StagePublishBaseDir"),
  healthTimeout: duration("HealthTimeout"),
});

/** Schema of a driver's configuration; undefined for drivers without types. */
export function configSchema(driver: string): Schema | undefined {
  return Object.hasOwn(driverSchemas, driver) ? driverSchemas[driver as keyof typeof driverSchemas] : undefined;
}

/** A driver's configuration as the client takes it. */
function renderConfig(config: Json, driver: string): Json {
  const typed = configSchema(driver);
  if (typed === undefined) return asBody(config);
  const { extra, ...known } = config;
  const result = typed.render(known);
  return extra === undefined ? result : asBody({ ...result, ...(extra as Json) });
}

/** The other way round: what has no property goes into `extra`. */
function parseConfig(json: Json, driver: string, at: string, trouble: Trouble): Json {
  const typed = configSchema(driver);
  if (typed === undefined) return json;
  const known = new Set(Object.values(typed.fields).flatMap(({ keys }) => keys));
  const named = Object.entries(json).filter(([key]) => known.has(key));
  const extra = Object.entries(json).filter(([key]) => !known.has(key));
  const result = typed.parse(Object.fromEntries(named), at, trouble);
  return extra.length === 0 ? result : { ...result, extra: Object.fromEntries(extra) };
}

const config = own({
  kind: "config",
  hcl: "config",
  keys: ["Config"],
  entries: [{ key: "Config", compute: (given, whole) => renderConfig(given as Json, (whole as Task).driver) }],
  read: (json, at, trouble) => {
    return parseConfig((json["Config"] ?? {}) as Json, String(json["Driver"]), `${at}.config`, trouble);
  },
  items: (given, whole) => {
    const { driver } = whole as Task;
    const { extra, ...known } = given as Json;
    const typed = configSchema(driver);
    const items =
      typed === undefined
        ? openItems(asBody(given as Json))
        : [...typed.items(known), ...openItems(asBody((extra ?? {}) as Json))];
    return [nestedBlock("config", items)];
  },
});

const driver = own({
  kind: "driver",
  hcl: "driver",
  keys: ["Driver"],
  entries: [{ key: "Driver", compute: (given) => given }],
  read: ({ Driver }) => Driver,
  items: (given) => [attribute("driver", given)],
});

export const task = schema<Task>(
  "Task",
  {
    driver,
    user: value("User"),
    kind: value("Kind"),
    leader: value("Leader"),
    killTimeout: durationPointer("KillTimeout"),
    killSignal: value("KillSignal"),
    shutdownDelay: duration("ShutdownDelay"),
    lifecycle: block("Lifecycle", lifecycle),
    config,
    env: map("Env", { form: "either" }),
    meta: map("Meta", { form: "either" }),
    resources: block("Resources", resources),
    constraints: blocks("Constraints", "constraint", taskConstraint),
    affinities: blocks("Affinities", "affinity", affinity),
    artifacts: blocks("Artifacts", "artifact", artifact),
    templates: blocks("Templates", "template", template),
    volumeMounts: blocks("VolumeMounts", "volume_mount", volumeMount),
    services: blocks("Services", "service", serviceWithProvider),
    restart: block("RestartPolicy", restart),
    logs: block("LogConfig", logs),
    identities,
    vault: block("Vault", vault),
    consul: block("Consul", consul),
    secrets: labelled("Secrets", "secret", secret, { since: "1.11.0" }),
    actions: labelled("Actions", "action", action, { since: "1.7.0" }),
    dispatchPayload: block("DispatchPayload", dispatchPayload),
    csiPlugin: block("CSIPluginConfig", csiPlugin),
  },
  { label: "Name" },
);
