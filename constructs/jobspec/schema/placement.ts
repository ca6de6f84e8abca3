import type { Affinity, Constraint, DeviceAffinity, DeviceConstraint, Spread, TaskConstraint } from "../placement";
import { own, value } from "./codecs";
import { type FieldSpec, type Json, schema, type Schema, simple } from "./field";
import { attribute, type Item, nestedBlock } from "./hcl-body";

/** An attribute of a node or a device: known ones by name, others through `custom`. */
const reference = (kind: "nodeAttribute" | "deviceAttribute", key: string): FieldSpec =>
  simple(kind, key, {}, { items: (name, given) => [attribute(name, given)] });

/** Operators: Nomad has several spellings for some. */
const spellings: Readonly<Record<string, string>> = { "==": "=", is: "=", not: "!=", "": "=" };

const operator: FieldSpec = own({
  hcl: "operator",
  keys: ["Operand"],
  entries: [{ key: "Operand", always: true, compute: (given) => given ?? "=" }],
  read: ({ Operand }) => {
    const text = typeof Operand === "string" ? (spellings[Operand] ?? Operand) : "=";
    return text === "=" ? undefined : text;
  },
  items: (given) => [attribute("operator", given)],
});

type AnyConstraint = Constraint & { readonly operator?: string };

const constraintSpecs = (kind: "nodeAttribute" | "deviceAttribute") => ({
  attribute: reference(kind, "LTarget"),
  operator,
  value: own({
    hcl: "value",
    keys: ["RTarget"],
    entries: [
      {
        key: "RTarget",
        always: true,
        compute: (given, whole) =>
          given ?? ((whole as AnyConstraint).operator === "distinct_hosts" ? "true" : undefined),
      },
    ],
    read: ({ Operand, RTarget }) => {
      if (Operand === "distinct_hosts" && (RTarget === "true" || RTarget === "")) return undefined;
      return RTarget === "" && /^(is_set|is_not_set|distinct_property)$/.test(String(Operand)) ? undefined : RTarget;
    },
    items: (given) => [attribute("value", given)],
  }),
});

/** `distinct_hosts = true` is what people write. */
function constraintItems(given: Constraint): readonly Item[] | undefined {
  return given.operator === "distinct_hosts" && (given.value ?? "true") === "true"
    ? [attribute("distinct_hosts", true)]
    : undefined;
}

export const constraint = schema<Constraint>("Constraint", constraintSpecs("nodeAttribute"), {
  items: constraintItems,
});
export const taskConstraint = schema<TaskConstraint>("TaskConstraint", constraintSpecs("nodeAttribute"));
export const deviceConstraint = schema<DeviceConstraint>("DeviceConstraint", constraintSpecs("deviceAttribute"));

const affinitySpecs = (kind: "nodeAttribute" | "deviceAttribute") => ({
  attribute: reference(kind, "LTarget"),
  operator,
  value: simple("value", "RTarget", { pointer: true }, { items: (name, given) => [attribute(name, given)] }),
  weight: value("Weight", { pointer: true }),
});

export const affinity: Schema = schema<Affinity>("Affinity", affinitySpecs("nodeAttribute"));
export const deviceAffinity: Schema = schema<DeviceAffinity>("DeviceAffinity", affinitySpecs("deviceAttribute"));

interface TargetJson {
  readonly Value: string;
  readonly Percent: number;
}

export const spread = schema<Spread>("Spread", {
  attribute: reference("nodeAttribute", "Attribute"),
  weight: value("Weight", { pointer: true }),
  targets: own({
    hcl: "target",
    keys: ["SpreadTarget"],
    entries: [
      {
        key: "SpreadTarget",
        compute: (given) => {
          const percents = Object.entries(given as Readonly<Record<string, number>>);
          return percents.length === 0 ? undefined : percents.map(([Value, Percent]) => ({ Percent, Value }));
        },
      },
    ],
    read: (json: Json) => {
      const targets = (json["SpreadTarget"] ?? []) as readonly TargetJson[];
      return targets.length === 0
        ? undefined
        : Object.fromEntries(targets.map(({ Value, Percent }) => [Value, Percent]));
    },
    items: (given) =>
      Object.entries(given as Readonly<Record<string, number>>).map(([label, percent]) =>
        nestedBlock("target", [attribute("percent", percent)], label),
      ),
  }),
});
