/**
 * Keys that an object of a JSON text has twice, which readers understand in different ways.
 *
 * @param text - JSON that has been parsed already.
 */
export function duplicateKeys(text: string): readonly string[] {
  const found = new Set<string>();
  const open: (Set<string> | undefined)[] = [];
  // Strings, with the colon that makes one a key, and what opens and closes.
  for (const [token, string, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (string !== undefined && colon !== undefined) {
      const key = JSON.parse(string) as string;
      const keys = open[open.length - 1];
      if (keys?.has(key) === true) found.add(key);
      keys?.add(key);
    }
  }
  return [...found];
}
