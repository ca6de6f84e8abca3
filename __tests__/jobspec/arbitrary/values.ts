import * as fc from "fast-check";
import type { Duration } from "../../../constructs/jobspec/duration";
import type { Frequency, Size } from "../../../constructs/jobspec/size";
import { oddTexts } from "../corpus/texts";

/** An object of which only some properties must be there. */
export function some<T extends object>(
  specs: { readonly [K in keyof T]-?: fc.Arbitrary<NonNullable<T[K]>> },
  ...required: readonly (keyof T & string)[]
): fc.Arbitrary<T> {
  const made: fc.Arbitrary<unknown> = fc.record(specs, {
    requiredKeys: [...required],
    noNullPrototype: true,
  });
  return made as fc.Arbitrary<T>;
}

/** One of some values, for which text stays a choice. */
export function one<const T extends readonly unknown[]>(...values: T): fc.Arbitrary<T[number]> {
  return fc.constantFrom(...values);
}

/** A list that is short. */
export function few<T>(item: fc.Arbitrary<T>, minLength = 0): fc.Arbitrary<T[]> {
  return fc.array(item, { minLength, maxLength: Math.max(minLength, 2) });
}

/** A map by names. */
export function named<T>(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<T>,
  minKeys = 0,
): fc.Arbitrary<Record<string, T>> {
  return fc.dictionary(key, value, { minKeys, maxKeys: Math.max(minKeys, 2), noNullPrototype: true });
}

export const yesNo = fc.boolean();
/** A name that HCL can write as an attribute, and Nomad takes everywhere. */
export const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?$/);
export const secretName = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
export const portLabel = fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/);
export const portNumber = fc.integer({ min: 1, max: 65_535 });

const fragments = [
  "${",
  "}",
  "$",
  "%{",
  "%",
  "$${",
  "%%{",
  "\n",
  "\r\n",
  "\t",
  '"',
  "\\",
  "EOT",
  "<<EOT",
  "${NOMAD_ALLOC_ID}",
  "${attr.kernel.name}",
  "${secret.app.key}",
  "{{ key `a` }}",
  " ",
  "#",
  "ü",
  "🚀",
  "\u0000",
  "\u001b",
  "\u007f",
  "\ufeff",
];

/** Any text that HCL can hold. */
export const text = fc
  .oneof(
    { weight: 3, arbitrary: name },
    { weight: 2, arbitrary: fc.constantFrom(...Object.values(oddTexts)) },
    {
      weight: 3,
      arbitrary: fc
        .array(fc.oneof(fc.constantFrom(...fragments), name), { maxLength: 6 })
        .map((parts) => parts.join("")),
    },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  )
  .map((given) => given.normalize("NFC"));

/** Text with something in it, and no reference that a rule would have to know. */
export const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,14}$/).map((given) => given.trimEnd());
export const texts = few(text);
/** Keys that HCL can write anywhere. */
export const labels = named(name, text);
/** Keys that HCL can write as attributes of a map. */
export const anyLabels = named(fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: text }), text);

/** A length of time between two numbers of seconds. */
export function duration(least: number, most: number): fc.Arbitrary<Duration> {
  const unit = (seconds: number): fc.Arbitrary<Duration> =>
    fc.constantFrom<Duration>(
      `${seconds}s`,
      `${seconds * 1000}ms`,
      ...(seconds % 60 === 0 ? ([`${seconds / 60}m`] as const) : []),
      `${Math.floor(seconds / 60)}m${seconds % 60}s`,
    );
  return fc.integer({ min: least, max: most }).chain(unit);
}

/** A size between two numbers of MiB. */
export function size(least: number, most: number): fc.Arbitrary<Size> {
  return fc
    .integer({ min: least, max: most })
    .chain((count) =>
      fc.constantFrom<Size>(`${count}MiB`, ...(count % 512 === 0 ? ([`${count / 1024}GiB`] as const) : [])),
    );
}

export const frequency: fc.Arbitrary<Frequency> = fc
  .integer({ min: 1, max: 20_000 })
  .chain((count) => fc.constantFrom<Frequency>(`${count}MHz`, `${count / 1000}GHz`));

/** Settings that Nomad passes on unread. */
export const openConfig = named(
  name,
  fc.oneof(text, fc.integer({ min: -1000, max: 1000 }), yesNo, few(text), few(named(name, text), 1)),
);
