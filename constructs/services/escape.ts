/**
 * A value of a variable with backslashes before a character that ends it, and before backslashes, as template text.
 *
 * @param key - item, read from the dot: `password` is `.password`.
 */
export function escapedItem(key: string, character: string): string {
  const inTemplate = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  const replace = (one: string) => `replaceAll ${inTemplate(one)} ${inTemplate(`\\${one}`)}`;
  return `{{ .${key}.Value | ${replace("\\")} | ${replace(character)} }}`;
}
