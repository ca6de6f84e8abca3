import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Field, Schema } from "../../constructs/jobspec/schema/field";
import { job } from "../../constructs/jobspec/schema/job";

const folder = join(__dirname, "..", "..", "constructs", "jobspec");

/** Files of the folder that are no types of the jobspec. */
const others = [
  "inherit.ts",
  "hcl.ts",
  "parse.ts",
  "render.ts",
  "typescript.ts",
  "regions.ts",
  "references.ts",
  "program.ts",
  "variables.ts",
].concat(["validate.ts", "fleet-fit.ts", "driver.ts", "json-value.ts"]);

interface Property {
  readonly owner: string;
  readonly name: string;
  readonly text: string;
  readonly isOptional: boolean;
  readonly hasDefault: boolean;
}

function propertiesOf(path: string): Property[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: Property[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    const inside = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ? node.name.text : owner;
    if (ts.isPropertySignature(node) && !isExclusion(node)) found.push(read(node, inside));
    node.forEachChild((child) => visit(child, inside));
  };
  visit(source, "");
  return found;
}

/** `x?: never` and `x?: false` only say that something else was chosen. */
function isExclusion({ type, name }: ts.PropertySignature): boolean {
  return type === undefined || /^(never|false)$/.test(type.getText()) || name.getText() === "config";
}

function read(node: ts.PropertySignature, owner: string): Property {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return {
    owner,
    name: node.name.getText(),
    text: docs.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join("\n"),
    isOptional: node.questionToken !== undefined,
    hasDefault: docs.some(({ tags }) => tags?.some(({ tagName }) => tagName.text === "default") === true),
  };
}

const files = [
  ...readdirSync(folder).filter((name) => name.endsWith(".ts") && !others.includes(name)),
  ...readdirSync(join(folder, "drivers")).map((name) => join("drivers", name)),
];
const properties = files.flatMap((name) => propertiesOf(join(folder, name)));
const path = ({ owner, name }: Property) => `${owner}.${name}`;

/** Every field below a schema, by the name of its property. */
function fieldsOf(schema: Schema, seen = new Set<Schema>()): (readonly [string, Field])[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  return Object.entries(schema.fields).flatMap(([name, field]) => [
    [name, field] as const,
    ...(field.children === undefined ? [] : fieldsOf(field.children, seen)),
  ]);
}

describe("docstrings of the jobspec", () => {
  test("cover several hundred properties", () => expect(properties.length).toBeGreaterThan(500));

  test("say what each property means", () => {
    expect(properties.filter(({ text }) => text.trim() === "").map(path)).toEqual([]);
  });

  test("give the default of each that may be left out", () => {
    expect(properties.filter(({ isOptional, hasDefault }) => isOptional && !hasDefault).map(path)).toEqual([]);
  });

  test.each(fieldsOf(job).filter(([, { since }]) => since !== undefined))(
    "say since when there is %s, as the schema does",
    (name, { since = "" }) => {
      const version = since.replace(/\.0$/, "").replaceAll(".", "\\.");
      const told = properties.filter((property) => property.name === name).map(({ text }) => text);
      expect(told).toContainEqual(expect.stringMatching(new RegExp(`Since Nomad\\s${version}(?![.\\d]\\d)`)));
    },
  );
});
