const cache = new Map<string, RegExp | undefined>();

/**
 * A pattern of Nomad's `regexp` operator, which is Go's, as JavaScript's.
 *
 * @returns undefined where the two languages differ, or where only one of them reads the pattern: then only Nomad knows.
 */
export function goPattern(text: string): RegExp | undefined {
  if (cache.has(text)) return cache.get(text);
  const pattern = translate(text);
  if (cache.size < 10_000) cache.set(text, pattern);
  return pattern;
}

function translate(text: string): RegExp | undefined {
  const flags = /^\(\?([is]+)\)/.exec(text);
  const body = flags === null ? text : text.slice(flags[0].length);
  if (!isCommon(body)) return undefined;
  try {
    return new RegExp(body, [...new Set(flags?.[1] ?? "")].join(""));
  } catch {
    return undefined;
  }
}

/** True for what means the same in both languages. */
function isCommon(body: string): boolean {
  return (
    /^[\x20-\x7e]*$/.test(body) &&
    // Escapes of letters and digits: only those that both have. Spaces differ.
    !/\\[^dDwWbBntrf\W_]/.test(body) &&
    // Groups: only plain ones and `(?:`.
    !/\(\?[^:]/.test(body) &&
    // Empty classes, classes by name, and ranges that end in a class.
    !/\[\^?\]|\[\[:|\[[^\]]*(-\\[dDwW]|\\[dDwW]-)/.test(body)
  );
}
