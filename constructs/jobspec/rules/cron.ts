/** One field of a cron expression: numbers of a range, perhaps with names. */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ["january", "february", "march", "april", "may", "june", "july", "august"];
const later = ["september", "october", "november", "december"];
const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const short = (names: readonly string[]) => names.flatMap((name) => [name, name.slice(0, 3)]);

const second: Field = { name: "second", min: 0, max: 59 };
const minute: Field = { name: "minute", min: 0, max: 59 };
const hour: Field = { name: "hour", min: 0, max: 23 };
const dayOfMonth: Field = { name: "day of month", min: 1, max: 31 };
const month: Field = { name: "month", min: 1, max: 12, names: short([...months, ...later]) };
/** 7 is Sunday too, but as a step it is too much. */
const dayOfWeek: Field = { name: "day of week", min: 0, max: 6, names: short(days) };
const year: Field = { name: "year", min: 1970, max: 2099 };

const shorthands = /@(yearly|annually|monthly|weekly|daily|hourly)/g;
const entry = /^(\*|[a-z]+|\d+)(?:-([a-z]+|\d+))?(?:\/(\d+))?$/;
const special = /^(\w+?)(?:l|#[1-5])$/;

/**
 * Why a text is no cron expression that Nomad takes; undefined when it is one.
 *
 * Five fields are minute, hour, day of month, month, day of week; a sixth is the year; with seven the first is the second.
 *
 * @see https://github.com/hashicorp/cronexpr#implementation
 */
export function cronTrouble(text: string): string | undefined {
  const given = text.replace(shorthands, "0 0 0 1 1 * *").split(/\s+/).filter(Boolean).slice(0, 7);
  if (given.length < 5) return `has ${given.length} of 5 to 7 fields`;
  const fields = [minute, hour, dayOfMonth, month, dayOfWeek, year];
  if (given.length === 7) fields.unshift(second);
  for (const [index, part] of given.entries()) {
    const field = fields[index];
    const trouble = field === undefined ? undefined : fieldTrouble(part.toLowerCase(), field);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

function fieldTrouble(text: string, field: Field): string | undefined {
  const entries = text.split(",").filter(Boolean);
  if (entries.length === 0) return `has no ${field.name}`;
  const wrong = entries.find((one) => !isEntry(one, field));
  return wrong === undefined ? undefined : `has no ${field.name} "${wrong}"`;
}

function isEntry(text: string, field: Field): boolean {
  if (text === "*" || text === "?") return true;
  if (isSpecial(text, field)) return true;
  const match = entry.exec(text);
  if (match === null) return false;
  const [, first = "", last, step] = match;
  if (first === "*" ? last !== undefined || step === undefined : !isValue(first, field)) return false;
  if (last !== undefined && !isValue(last, field)) return false;
  return step === undefined || isStep(step, field);
}

/** `L`, `LW` and `15W` for days of the month; `5L` and `5#3` for days of the week. */
function isSpecial(text: string, field: Field): boolean {
  if (field === dayOfMonth) {
    if (text === "l" || text === "lw") return true;
    return text.endsWith("w") && isValue(text.slice(0, -1), field);
  }
  if (field !== dayOfWeek) return false;
  const value = special.exec(text)?.[1];
  return value !== undefined && isValue(value, field);
}

function isValue(text: string, field: Field): boolean {
  if (!/^\d+$/.test(text)) return field.names?.includes(text) === true;
  const digits = field === year ? 4 : 2;
  const value = Number(text);
  const max = field === dayOfWeek ? 7 : field.max;
  return text.length <= digits && value >= field.min && value <= max;
}

/** Steps are looked up among the numbers that cronexpr knows: 0 to 59, and years. */
function isStep(text: string, field: Field): boolean {
  const value = Number(text);
  const isKnown = (text.length <= 2 && value <= 59) || /^(19[7-9]\d|20\d\d)$/.test(text);
  return isKnown && value >= 1 && value <= field.max;
}
