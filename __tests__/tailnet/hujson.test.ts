import { printHujson } from "../../constructs/tailnet/hujson";
import { parseHujson } from "../../constructs/tailnet/parse-hujson";

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

  test("prints empty lists and objects, and what parseHujson reads back", () => {
    const document = { none: [], nothing: {}, text: 'a "quoted" // text', deep: { x: [null, true, { y: "ü" }] } };
    expect(
      parseHujson(
        printHujson(document, (path) => `why ${path}`, open),
        "test",
      ),
    ).toEqual(document);
  });
});

describe("parseHujson", () => {
  test("reads comments and trailing commas", () => {
    expect(parseHujson('{ // one\n "a": [1, /* two */ 2,], }', "test")).toEqual({ a: [1, 2] });
  });

  test("tells line and column of what it cannot read", () => {
    expect(() => parseHujson('{\n  "a": nope,\n}', "policy.hujson")).toThrow(
      "policy.hujson is not valid\n  - line 2, column 8: is not HuJSON: InvalidSymbol",
    );
  });
});
