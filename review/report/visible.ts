/** What a reader cannot see, or what turns the text around it about: named instead. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;
/** More marks than a letter of any language has; they would be drawn over other lines. */
const MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * A text of anybody on one line, without what cannot be seen.
 *
 * @param length - longest text, in code points. What is longer ends with an ellipsis.
 */
export function visible(text: string, length: number): string {
  const start = text.slice(0, length * 2);
  const characters = Array.from(start.replace(/\s+/gu, " ").trim());
  const isCut = characters.length > length || start.length < text.length;
  const kept = characters.slice(0, length).join("").replace(MARKS, "$1").replace(INVISIBLE, named);
  return isCut ? `${kept}…` : kept;
}

/** Shape: `‹U+202E›`. */
function named(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `‹U+${point.toString(16).toUpperCase().padStart(4, "0")}›`;
}
