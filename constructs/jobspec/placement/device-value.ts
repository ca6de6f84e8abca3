import { compareTexts, decimal, inOrder, integer, type Tri } from "./compare";

/** A value of a device's attribute: what Nomad makes of `81559 MiB`, `1.5`, `true` or other text. */
export type DeviceValue =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: number; readonly unit: string };

interface Unit {
  readonly of: "byte" | "byteRate" | "hertz" | "watt";
  readonly factor: number;
}

const prefixes: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
  EiB: 2 ** 60,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  EB: 1e18,
};

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/device#supported-units */
const units = new Map<string, Unit>([
  ...Object.entries(prefixes).flatMap(([name, factor]): [string, Unit][] => [
    [name, { of: "byte", factor }],
    [`${name}/s`, { of: "byteRate", factor }],
  ]),
  ["MHz", { of: "hertz", factor: 1e6 }],
  ["GHz", { of: "hertz", factor: 1e9 }],
  ["mW", { of: "watt", factor: 1e-3 }],
  ["W", { of: "watt", factor: 1 }],
  ["kW", { of: "watt", factor: 1e3 }],
  ["MW", { of: "watt", factor: 1e6 }],
  ["GW", { of: "watt", factor: 1e9 }],
]);
const longestFirst = [...units.keys()].sort((a, b) => b.length - a.length);

/** Reads a value as Nomad does: a number, with a unit where it ends in one, then a boolean, else text. */
export function parseDeviceValue(text: string): DeviceValue {
  const unit = /[A-Za-z]$/.test(text) ? (longestFirst.find((each) => text.endsWith(each)) ?? "") : "";
  const digits = unit === "" ? text : text.slice(0, -unit.length).trim();
  const whole = integer(digits);
  const value = whole === undefined ? decimal(digits) : Number(whole);
  if (value !== undefined) return { kind: "number", value, unit };
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return { kind: "boolean", value: true };
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return { kind: "boolean", value: false };
  return { kind: "text", text };
}

/** Compares values of a device as Nomad's scheduler does: values of different kinds or units match nothing, not even `!=`. */
export function compareDeviceValues(operator: string, left: DeviceValue, right: DeviceValue): Tri {
  switch (operator) {
    case "=":
    case "==":
    case "is":
      return orderOf(left, right) === 0;
    case "!=":
    case "not": {
      const order = orderOf(left, right);
      return order !== undefined && order !== 0;
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return inOrder(operator, orderOf(left, right));
    case "version":
    case "semver": {
      if (right.kind !== "text") return false;
      if (left.kind === "number")
        return Number.isInteger(left.value) ? compareTexts(operator, String(left.value), right.text) : false;
      return left.kind === "text" && compareTexts(operator, left.text, right.text);
    }
    default:
      return left.kind === "text" && right.kind === "text" && compareTexts(operator, left.text, right.text);
  }
}

function orderOf(left: DeviceValue, right: DeviceValue): number | undefined {
  if (left.kind === "number" && right.kind === "number") {
    const from = units.get(left.unit);
    const to = units.get(right.unit);
    if (from?.of !== to?.of) return undefined;
    return Math.sign(left.value * (from?.factor ?? 1) - right.value * (to?.factor ?? 1));
  }
  if (left.kind === "text" && right.kind === "text")
    return Buffer.compare(Buffer.from(left.text), Buffer.from(right.text));
  // Nomad orders booleans only into equal and not.
  if (left.kind === "boolean" && right.kind === "boolean") return left.value === right.value ? 0 : 1;
  return undefined;
}
