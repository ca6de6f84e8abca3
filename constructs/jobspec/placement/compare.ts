import { isKnown } from "../rules/report";
import { goPattern } from "./pattern";
import { versionHolds } from "./version";

/** Yes, no, or not to be known at synthesis. */
export type Tri = boolean | undefined;

/**
 * What one side of a comparison is: a text, nothing, or unknown to the model. Of some of what is unknown it is known that
 * it is there (`isSet`).
 */
export type Side =
  | { readonly text: string }
  | { readonly text?: never; readonly isSet: false }
  | { readonly text?: never; readonly isSet: true | undefined };

/** A side that is known to be missing. */
export const absent: Side = { isSet: false };

/** A side with a value that only the machine knows. */
export const present: Side = { isSet: true };

/** A side that may be missing. */
export const unknown: Side = { isSet: undefined };

/** A side as it is written. */
export function written(text: string): Side {
  return isKnown(text) ? { text } : present;
}

/** True, false or unknown for both of two conditions. */
export function both(a: Tri, b: Tri): Tri {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}

/** Compares two sides as Nomad's scheduler compares the attributes of a node. */
export function compareSides(operator: string, left: Side, right: Side): Tri {
  switch (operator) {
    case "is_set":
      return isSet(left);
    case "is_not_set":
      return isSet(left) === undefined ? undefined : isSet(left) === false;
    case "!=":
    case "not": {
      // What is missing counts as an empty text here.
      const texts = [left, right].map((side) => (isSet(side) === false ? "" : side.text));
      return texts.includes(undefined) ? undefined : texts[0] !== texts[1];
    }
    default: {
      if (isSet(left) === false || isSet(right) === false) return false;
      if (left.text === undefined || right.text === undefined) return undefined;
      return compareTexts(operator, left.text, right.text);
    }
  }
}

function isSet(side: Side): Tri {
  return side.text === undefined ? side.isSet : true;
}

/** Operators of two texts; those of a node and those of a device have them in common. */
export function compareTexts(operator: string, left: string, right: string): Tri {
  switch (operator) {
    case "=":
    case "==":
    case "is":
      return left === right;
    case "<":
    case "<=":
    case ">":
    case ">=":
      return inOrder(operator, orderOf(left, right));
    case "version":
    case "semver":
      return versionHolds(left, right, operator);
    case "regexp":
      return matches(left, right);
    case "set_contains":
    case "set_contains_all": {
      const has = members(left);
      return members(right).every((member) => has.includes(member));
    }
    case "set_contains_any": {
      const has = members(left);
      return members(right).some((member) => has.includes(member));
    }
    default:
      return undefined;
  }
}

/** What `<`, `<=`, `>` and `>=` say of an order; of none, that it does not hold. */
export function inOrder(operator: string, order: number | undefined): boolean {
  if (order === undefined) return false;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

function matches(text: string, pattern: string): Tri {
  return /^[\x20-\x7e]*$/.test(text) ? goPattern(pattern)?.test(text) : undefined;
}

function members(list: string): readonly string[] {
  return list.split(",").map((member) => member.trim());
}

/** Integers if both are, else numbers if both are, else the bytes; undefined where a number is none. */
function orderOf(left: string, right: string): number | undefined {
  const integers = [integer(left), integer(right)];
  if (integers[0] !== undefined && integers[1] !== undefined) return sign(integers[0], integers[1]);
  const numbers = [decimal(left), decimal(right)];
  if (numbers[0] !== undefined && numbers[1] !== undefined) {
    return Number.isNaN(numbers[0]) || Number.isNaN(numbers[1]) ? undefined : sign(numbers[0], numbers[1]);
  }
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function sign<T extends bigint | number>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A whole number of 64 bits, as Go reads it. */
export function integer(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}

/** A number as Go reads it; not one that is too large. */
export function decimal(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    const isNumber = special[2]?.toLowerCase() !== "nan";
    if (!isNumber) return special[1] === "" ? NaN : undefined;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
