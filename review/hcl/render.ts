import { createHash } from "node:crypto";
import {
  type Blocks,
  blocksByProvider,
  blocksByType,
  labelled,
  outputBlocks,
  references,
  removedBlocks,
  resourceBlocks,
  terraformBlocks,
  variableBlocks,
} from "./blocks";
import { jobspecExpression } from "./jobspec";
import { quoted } from "../../constructs/core/hcl/template";
import { aligned, expression, indent, type Lines, type ValueOptions, VERBATIM } from "../../constructs/core/hcl/writer";

export interface HclOptions {
  /**
   * Multi-line text longer than this becomes `"sha256:…"`: for snapshots, which are there to be read. The result is then no
   * longer the same configuration.
   *
   * @default - all text in full
   */
  readonly hashLongText?: number;
}

type Body = Readonly<Record<string, unknown>>;

/**
 * Renders a shipped `cdk.tf.json` as HCL that means the same: for people to read and for snapshots. CDKTF's own HCL output is
 * not valid for stacks with provisioners, multi-line text or job specs.
 *
 * Formatted as `terraform fmt` does. Metadata of CDKTF is left out.
 *
 * @param document - a parsed `cdk.tf.json`.
 */
export function renderHcl(document: object, options: HclOptions = {}): string {
  const root = document as Body;
  const writer = new Writer(options);
  const blocks = [
    ...bodies(root["terraform"]).map((body) => writer.block("terraform", [], body, terraformBlocks, true)),
    ...labels(root["variable"], 1).map(([names, body]) => writer.variable(names, body)),
    ...bodies(root["locals"]).map((body) => writer.block("locals", [], body, {})),
    ...labels(root["provider"], 1).map(([names, body]) =>
      writer.block("provider", names, body, blocksByProvider[names[0] ?? ""] ?? {}),
    ),
    ...["data", "resource"].flatMap((kind) =>
      labels(root[kind], 2).map(([names, body]) => writer.resource(kind, names, body)),
    ),
    ...labels(root["module"], 1).map(([names, body]) => writer.block("module", names, body, {})),
    ...bodies(root["moved"]).map((body) => writer.move("moved", body)),
    ...bodies(root["import"]).map((body) => writer.move("import", body)),
    ...bodies(root["removed"]).map((body) => writer.move("removed", body, removedBlocks)),
    ...labels(root["output"], 1).map(([names, body]) => writer.output(names, body)),
  ];
  return blocks.map((lines) => `${lines.map((line) => line.replace(VERBATIM, "")).join("\n")}\n`).join("\n");
}

/** One body or a list of them. */
function bodies(value: unknown): readonly Body[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]) as readonly Body[];
}

/** Bodies under so many levels of labels. */
function labels(value: unknown, levels: number): readonly (readonly [names: readonly string[], body: Body])[] {
  if (levels === 0) return bodies(value).map((body) => [[], body]);
  return bodies(value).flatMap((map) =>
    Object.entries(map)
      .filter(([name]) => name !== "//")
      .flatMap(([name, inner]) => labels(inner, levels - 1).map(([names, body]) => [[name, ...names], body] as const)),
  );
}

class Writer {
  private readonly hash: ValueOptions["hash"];

  constructor({ hashLongText }: HclOptions) {
    this.hash =
      hashLongText === undefined
        ? undefined
        : (text) =>
            text.length > hashLongText ? `sha256:${createHash("sha256").update(text).digest("hex")}` : undefined;
  }

  public resource(kind: string, names: readonly string[], body: Body): Lines {
    const type = names[0] ?? "";
    const jobspec = type === "nomad_job" && body["json"] === true ? this.jobspec(body["jobspec"]) : undefined;
    const given: Readonly<Record<string, Lines>> = jobspec === undefined ? {} : { jobspec };
    return this.block(kind, names, body, { ...resourceBlocks, ...blocksByType[type] }, false, given);
  }

  /** Values of a variable are no templates, but those of its validations are. */
  public variable(names: readonly string[], body: Body): Lines {
    const { type } = body;
    return this.block("variable", names, body, variableBlocks, true, typeof type === "string" ? { type: [type] } : {});
  }

  /** The description of an output is no template, but its value is. */
  public output(names: readonly string[], body: Body): Lines {
    const { description } = body;
    const given: Readonly<Record<string, Lines>> =
      typeof description === "string"
        ? { description: expression(description, { literal: true, hash: this.hash }) }
        : {};
    return this.block("output", names, body, outputBlocks, false, given);
  }

  public move(kind: string, body: Body, blocks: Blocks = {}): Lines {
    const { from, to } = body;
    return this.block(kind, [], body, blocks, false, {
      ...(typeof from === "string" ? { from: [from] } : {}),
      ...(typeof to === "string" ? { to: [to] } : {}),
    });
  }

  /** A block: attributes first, then blocks, each with an empty line before. */
  public block(
    kind: string,
    names: readonly string[],
    body: Body,
    blocks: Blocks,
    literal = false,
    given: Readonly<Record<string, Lines>> = {},
  ): Lines {
    const entries = Object.entries(body).filter(([name, value]) => name !== "//" && value !== undefined);
    const attributes = entries
      .filter(([name]) => !Object.hasOwn(blocks, name))
      .map(([name, value]) => [name, given[name] ?? this.attribute(name, value, literal)] as const);
    const inner = entries.flatMap(([name, value]) => {
      const nested = Object.hasOwn(blocks, name) ? blocks[name] : undefined;
      return nested === undefined
        ? []
        : this.nested(`${kind}.${name}`, value, nested, literal && name !== "validation");
    });
    const header = [kind, ...names.map(quoted)].join(" ");
    const lines = [...aligned(attributes)];
    for (const block of inner) lines.push(...(lines.length > 0 ? [""] : []), ...block);
    return lines.length === 0 ? [`${header} {}`] : [`${header} {`, ...indent(lines), "}"];
  }

  /** @param path - block around it, and its own name. Shape: `resource.provisioner`. */
  private nested(path: string, value: unknown, blocks: Blocks, literal: boolean): readonly Lines[] {
    const name = path.slice(path.indexOf(".") + 1);
    // Elsewhere a backend is what a load balancer sends to.
    if (labelled.has(name) && (name !== "backend" || path === "terraform.backend")) {
      return labels(value, 1).map(([names, body]) => this.block(name, names, body, blocks, literal));
    }
    return bodies(value).map((body) => this.block(name, [], body, blocks, literal));
  }

  private attribute(name: string, value: unknown, literal: boolean): Lines {
    if (!literal && references.has(name)) return bare(value);
    return expression(value, { literal, hash: this.hash });
  }

  private jobspec(value: unknown): Lines | undefined {
    if (typeof value !== "string") return undefined;
    const parsed = jobspecExpression(value);
    if (parsed === undefined) return undefined;
    const [first = "", ...rest] = expression(parsed.value, {
      literal: true,
      hash: this.hash,
      expressions: parsed.expressions,
    });
    return rest.length === 0
      ? [`jsonencode(${first})`]
      : [`jsonencode(${first}`, ...rest.slice(0, -1), `${rest.at(-1) ?? ""})`];
  }
}

/** References and keywords, which JSON writes as text. */
function bare(value: unknown): Lines {
  if (!Array.isArray(value)) return [String(value)];
  const line = `[${value.join(", ")}]`;
  return line.length <= 100 ? [line] : ["[", ...indent(value.map((item) => `${String(item)},`)), "]"];
}
