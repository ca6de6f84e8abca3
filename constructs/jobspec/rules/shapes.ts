import { isObject } from "../json-value";
import type { Field } from "../schema/field";
import type { Report } from "./report";

const words = (text: string) => new Set(text.trim().split(/\s+/));

/** Properties that hold a boolean, whichever block they are in. */
const booleans = words(`
  allAtOnce allowTokenExpiration autoPromote autoRevert chown disabled disableDefaultTcpCheck disableFile enabled
  enableTagOverride env envoyGatewayBindTaggedAddresses envoyGatewayNoDefaultBind errorOnMissingKey expose failOnError file
  grpcUseTls ignoreCollision ignoreWarnings insecure leader migrate native noDns once perAlloc prohibitOverlap readOnly
  renderTemplates replace runOnFirstRender sidecar sticky tlsSkipVerify unlimited`);

const numbers = words(`
  attempts canary cores count failuresBeforeCritical failuresBeforeWarning gid limit localBindPort
  localPathPort localServicePort max maxConcurrentRequests maxConnections maxFiles maxParallel maxPendingRequests min
  outboundPort passing priority static successBeforePassing to uid warning weight`);

const lists = words(`
  args aud canaryTags cipherSuites crons datacenters excludeInboundPorts excludeOutboundCidrs excludeOutboundPorts excludeUids
  extraClaims hosts metaOptional metaRequired mountFlags options policies remove searches servers tags`);

/** Properties that hold something else in one block than in the others. */
const exceptions: Readonly<Record<string, Shape>> = {
  "DispatchPayload.file": "text",
  "GatewayBindAddress.port": "number",
  "IngressListener.port": "number",
  "TransparentProxy.uid": "text",
};

export type Shape = "text" | "number" | "boolean" | "list" | "object";

/** What a property of a type holds, by the schema's field and what the compiler knows: a test compares them. */
export function shapeOf(field: Field, type: string, property: string): Shape {
  switch (field.kind) {
    case "duration":
    case "size":
    case "frequency":
    case "nodeAttribute":
    case "deviceAttribute":
    case "driver":
      return "text";
    case "blocks":
      return "list";
    case "block":
    case "labelled":
    case "map":
    case "open":
    case "config":
      return "object";
    case "value":
      return exceptions[`${type}.${property}`] ?? plain(property);
    case "own":
      if (property === "targets") return "object";
      if (property === "devices" || property === "allow") return "list";
      return field.children === undefined ? "text" : "object";
  }
}

function plain(property: string): Shape {
  if (booleans.has(property)) return "boolean";
  if (numbers.has(property)) return "number";
  return lists.has(property) ? "list" : "text";
}

const names: Readonly<Record<Shape, string>> = {
  text: "must be a text",
  number: "must be a number",
  boolean: "must be true or false",
  list: "must be a list",
  object: "must be an object",
};

function isOf(kind: Shape, value: unknown): boolean {
  if (kind === "list") return Array.isArray(value);
  if (kind === "object") return isObject(value);
  return typeof value === (kind === "text" ? "string" : kind);
}

/**
 * Checks that a property holds what its type says, as the compiler does for jobs that are written by hand: the rules rely on it.
 *
 * @param name - `Type.property`.
 * @returns false for a value that must not be looked into.
 */
export function shapeRule(
  report: Report,
  path: string,
  field: Field,
  name: readonly [string, string],
  value: unknown,
): boolean {
  const [, property] = name;
  const shape = shapeOf(field, ...name);
  if (!isOf(shape, value)) {
    report.error(path, names[shape], value);
    return false;
  }
  const inner = field.children === undefined ? itemsOf(field, property, shape) : undefined;
  if (inner === undefined) return true;
  // A hole in a list is no item either; an unset key of a map is just not there.
  const items = Array.isArray(value) ? Array.from<unknown>(value).entries() : Object.entries(value as object);
  for (const [key, item] of items) {
    if (item === undefined && !Array.isArray(value)) continue;
    if (property === "allow") allowanceRule(report, `${path}.${key}`, item);
    else if (!isOf(inner, item)) report.error(`${path}.${key}`, names[inner], item);
  }
  return true;
}

/** An allowance has no schema: Nomad does not see it. */
function allowanceRule(report: Report, path: string, value: unknown): void {
  if (!blockRule(report, path, value, "Allowance")) return;
  for (const [property, text] of Object.entries(value as object)) {
    if (text !== undefined && typeof text !== "string") report.error(`${path}.${property}`, names.text, text);
  }
}

/** What the items of a list or a map hold; undefined where nobody looks at them. */
function itemsOf(field: Field, property: string, shape: Shape): Shape | undefined {
  if (property === "allow") return "object";
  if (property === "excludeOutboundPorts" || property === "targets") return "number";
  if (property === "header") return "list";
  return field.kind === "map" || shape === "list" ? "text" : undefined;
}

/** What the rules cannot do without, by type: the others say themselves that something is missing. */
const needed: Readonly<Record<string, readonly string[]>> = {
  Job: ["id", "groups"],
  Group: ["tasks"],
  Task: ["driver", "config"],
  ScalingCheck: ["strategy"],
  Secret: ["provider"],
  Device: ["name"],
  Affinity: ["attribute"],
  Spread: ["attribute"],
  DeviceAffinity: ["attribute"],
  IngressGateway: ["listeners"],
  IngressListener: ["services"],
  IngressService: ["name"],
  TerminatingGateway: ["services"],
  ExposePath: ["path"],
  Artifact: ["source"],
  Template: ["destination"],
  VolumeMount: ["volume", "destination"],
  DispatchPayload: ["file"],
  Allowance: ["rule", "reason"],
};

/** Checks that a block is one, and has what the rules rely on. */
export function blockRule(report: Report, path: string, value: unknown, type: string): boolean {
  if (!isObject(value)) {
    report.error(path, "must be an object", value);
    return false;
  }
  const prefix = path === "" ? "" : `${path}.`;
  for (const property of needed[type] ?? []) {
    if (value[property] === undefined) report.error(prefix + property, "must be set");
  }
  return true;
}
