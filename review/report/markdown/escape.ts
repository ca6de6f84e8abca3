import { visible } from "../visible";

/** Longest text that is shown, in code points. What is longer ends with an ellipsis. */
const MAX_PROSE = 400;
const MAX_CODE = 200;

/** Written between characters that GitHub would make a link, a mention or a picture of. */
const BREAK = "\u200b";

/**
 * A text of anybody as plain text of one line, in a paragraph, list, table or HTML element of GitHub's Markdown.
 *
 * Punctuation becomes character references. GitHub looks for mentions, issues, commits and emoji only after those are resolved, so that such
 * places are parted by a zero width space.
 * @see https://github.github.com/gfm/
 */
export function prose(text: string): string {
  const parted = visible(text, MAX_PROSE)
    .replace(/@/g, `@${BREAK}`)
    .replace(/#(?=\d)/g, `#${BREAK}`)
    .replace(/(GH-)(?=\d)/gi, `$1${BREAK}`)
    .replace(/:(?=\/\/)/g, `:${BREAK}`)
    .replace(/:(?=[\w+-]+:)/g, `:${BREAK}`)
    .replace(/(www)(?=\.)/gi, `$1${BREAK}`)
    .replace(/[0-9a-f]{7,}/gi, (run) => (run.match(/.{1,6}/g) ?? []).join(BREAK));
  return parted.replace(/./gsu, (character, offset: number) => encoded(character, offset === 0));
}

/** A text of anybody as code of one line, in a paragraph, list or table. Plain text where code could not hold it. */
export function code(text: string): string {
  const shown = visible(text, MAX_CODE);
  return shown === "" || /[`|\\]/.test(shown) ? prose(text) : `\`${shown}\``;
}

/** A character in its place; at the beginning also those that would start a list. */
function encoded(character: string, isFirst: boolean): string {
  // A reference would still be read as mathematics.
  // https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions
  if (character === "$") return "<span>$</span>";
  const isPlain = isFirst
    ? /[A-Za-z\u0080-\u200a\u200c-\u{10ffff}]/u
    : /[A-Za-z0-9 ,;:?!'/.()%=+\-\u0080-\u200a\u200c-\u{10ffff}]/u;
  return isPlain.test(character) ? character : `&#${character.codePointAt(0)};`;
}
