import { printHujson } from "../../constructs/tailnet/hujson";
import { parsePolicy } from "../../constructs/tailnet/language/parse-policy";

const open = () => true;
const closed = () => false;

describe("printHujson", () => {
  test("puts comments above values and a comma behind each", () => {
    const comment = (path: string) => ({ "": "top", list: "a list", "list.1": "the second" })[path];
    expect(printHujson({ list: ["a", { b: 1 }] }, comment, (path) => path !== "list.1")).toBe(
      '// top\n{\n  // a list\n  "list": [\n    "a",\n    // the second\n    { "b": 1 },\n  ],\n}\n',
    );
  });

  test("spreads over lines what does not fit into one", () => {
    const long = Array.from({ length: 8 }, (_item, index) => `tag:a-rather-long-name-${index}`);
    const text = printHujson({ long, short: [1, 2] }, () => undefined, closed);
    expect(text).toContain('  "short": [1, 2],\n');
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  test("keeps a comment to one kind of line, whatever is in it", () => {
    const text = printHujson({ a: 1 }, (path) => (path === "a" ? "one\n  two */ \u2028three" : undefined), open);
    expect(text).toBe('{\n  // one two */ three\n  "a": 1,\n}\n');
  });

  test("prints empty lists and objects, and what parsePolicy reads back", () => {
    const document = { none: [], nothing: {}, text: 'a "quoted" // text', deep: { x: [null, true, { y: "ü" }] } };
    const text = printHujson(document, (path) => `why ${path}`, open);
    expect(parsePolicy(text)).toEqual({ policy: document, problems: [] });
  });
});
