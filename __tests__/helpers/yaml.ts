import { parsers } from "prettier/plugins/yaml";

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly (Node | null)[];
}

/** A YAML document as plain data, by the parser that also formats it. Every scalar is a text. */
export function parseYaml(text: string): unknown {
  return valueOf((parsers.yaml.parse as (text: string) => Node)(text));
}

function valueOf(node: Node | null | undefined): unknown {
  if (node === null || node === undefined) return undefined;
  const children = node.children ?? [];
  switch (node.type) {
    case "root":
    case "mappingKey":
    case "mappingValue":
    case "sequenceItem":
    case "flowSequenceItem":
      return valueOf(children[0]);
    case "document":
    case "documentBody":
      return valueOf(children.find((child) => child !== null && child.type !== "documentHead"));
    case "mapping":
    case "flowMapping":
      return Object.fromEntries(
        children.map((item) => [String(valueOf(item?.children?.[0])), valueOf(item?.children?.[1])]),
      );
    case "sequence":
    case "flowSequence":
      return children.map(valueOf);
    case "null":
      return undefined;
    default:
      if (node.value === undefined) throw new Error(`YAML of kind ${node.type} is not read`);
      return node.value;
  }
}
