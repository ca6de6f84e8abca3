import type { Problem } from "../../constructs/core/problems";
import { isEqual, type Json, text } from "../json";
import { type Block, blocksOf, nestedBlocks, textsIn, valuesOf } from "./blocks";
import { forbiddenIn } from "./expressions";
import { addressOf, type Named } from "./providers";
import type { Allowed } from "./types";

/** Blocks of a document, by how many labels each has. */
const LABELS: Readonly<Record<string, number>> = {
  terraform: 0,
  provider: 1,
  variable: 1,
  locals: 0,
  output: 1,
  resource: 2,
  data: 2,
  ephemeral: 2,
  module: 1,
  moved: 0,
  removed: 0,
  import: 0,
  check: 1,
};

/** Arguments with which a resource reads a file of the machine that Terraform runs on. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  aws_lambda_function: ["filename"],
  aws_lambda_layer_version: ["filename"],
  aws_s3_bucket_object: ["source"],
  aws_s3_object: ["source"],
  google_storage_bucket_object: ["source"],
  nomad_job: ["allow_fs"],
};

const FIX = "leave it out, or have the base's list allow it first (--allow)";
const NEVER = "leave it out";

/** What blocks of a change would run, read or fetch that the base does not. */
export function contentProblems(base: readonly Named[], head: readonly Named[], allowed: Allowed): readonly Problem[] {
  const known = new Known(base, allowed);
  return head.flatMap((stack) => [
    ...unknownBlocks(stack),
    ...asked(stack, known),
    ...taken(stack, known),
    ...provisioned(stack, known),
    ...filed(stack, known),
    ...expressed(stack, known),
  ]);
}

/** What the base has. */
class Known {
  public readonly kinds: ReadonlySet<string>;
  public readonly provisioners: readonly Block[];
  public readonly expressions: ReadonlySet<string>;

  constructor(
    private readonly base: readonly Named[],
    public readonly allowed: Allowed,
  ) {
    this.provisioners = base.flatMap(({ document }) => provisionersOf(document).map(([, block]) => block));
    this.kinds = new Set([...this.provisioners.map(({ labels }) => labels[0] ?? ""), ...allowed.provisioners]);
    this.expressions = new Set(
      base.flatMap(({ document }) =>
        textsIn(document, "").flatMap(([, value]) => (forbiddenIn(value) === undefined ? [] : [value])),
      ),
    );
  }

  /**
   * True where a stack of the base has the same variable. Where a provider is told its address by it, the host may be another of the
   * same domain: a region's first server has another name.
   */
  public hasVariable({ labels: [name], body }: Block): boolean {
    return this.base.some(({ document }) =>
      blocksOf(document["variable"], 1).some(
        (other) => other.labels[0] === name && isEqual(signatureOf(other.body), signatureOf(body)),
      ),
    );
  }

  /** True where some stack of the base has the very same block. */
  public has(type: string, block: Block): boolean {
    return this.base.some(({ document }) =>
      blocksOf(document[type], LABELS[type] ?? 0).some((other) => isEqual(other, block)),
    );
  }
}

/** What matters of a variable: not what it is said to be, and of an address no name of a host. */
function signatureOf(variable: Json): Json {
  const entries = Object.entries(variable).filter(([key]) => key !== "//" && key !== "description");
  const place = /^(https:\/\/)[a-z0-9-]+(\.[a-z0-9.-]+:\d+)$/.exec(text(variable["default"]) ?? "");
  return { ...Object.fromEntries(entries), ...(place !== null && { default: `${place[1] ?? ""}*${place[2] ?? ""}` }) };
}

function unknownBlocks({ name, document }: Named): readonly Problem[] {
  return Object.keys(document)
    .filter((key) => key !== "//" && !Object.hasOwn(LABELS, key))
    .map((key) => ({ path: `${name}: ${key}`, rule: "is no block of a synthesized stack", fix: NEVER }));
}

/** What is asked or fetched while a plan is made. */
function asked({ name, document }: Named, known: Known): readonly Problem[] {
  const { dataSources, ephemeralResources, modules } = known.allowed;
  const refused = (type: string, rule: string, isAllowed: (block: Block) => boolean) =>
    blocksOf(document[type], LABELS[type] ?? 0)
      .filter((block) => !isAllowed(block) && !known.has(type, block))
      .map((block) => ({ path: `${name}: ${addressOf(type, block)}`, rule, got: block.body, fix: FIX }));
  const typeOf = ({ labels }: Block) => labels[0] ?? "";
  return [
    ...refused("data", "is a data source that the base does not have, and would be read by the plan", (block) =>
      dataSources.includes(typeOf(block)),
    ),
    ...refused(
      "ephemeral",
      "is an ephemeral resource that the base does not have, and would be opened by the plan",
      (block) => ephemeralResources.includes(typeOf(block)),
    ),
    ...refused("module", "is a module that the base does not have", ({ body }) =>
      modules.includes(text(body["source"]) ?? ""),
    ),
    ...refused("import", "takes over something that the base does not, and would be read by the plan", () => false),
    ...refused("check", "has a data source that the base does not have", ({ body }) => body["data"] === undefined),
  ];
}

/** Variables, which take what the environment holds. */
function taken({ name, document }: Named, known: Known): readonly Problem[] {
  const isSecret = ({ labels: [variable = ""], body }: Block) =>
    /^secrets_[a-z0-9_]+$/.test(variable) &&
    body["ephemeral"] === true &&
    (body["default"] === "" || body["default"] === undefined);
  return blocksOf(document["variable"], 1)
    .filter((block) => !isSecret(block) && !known.allowed.variables.includes(block.labels[0] ?? ""))
    .filter((block) => !known.hasVariable(block))
    .map((block) => ({
      path: `${name}: ${addressOf("variable", block)}`,
      rule: "is a variable that the base does not have like this: it would take its value from the environment, or give another to a provider",
      got: block.body["default"] ?? null,
      fix: FIX,
    }));
}

function provisioned({ name, document }: Named, known: Known): readonly Problem[] {
  return provisionersOf(document).flatMap(([where, block]): readonly Problem[] => {
    const [kind = ""] = block.labels;
    const path = `${name}: ${where}: provisioner ${kind}`;
    const got = block.body;
    if (kind === "local-exec") return [{ path, rule: "runs a program where Terraform runs", got, fix: NEVER }];
    if (!known.kinds.has(kind)) return [{ path, rule: "is of a kind that the base does not have", got, fix: FIX }];
    const source = block.body["source"];
    if (source === undefined || known.provisioners.some(({ body }) => isEqual(body["source"], source))) return [];
    return [{ path, rule: "sends a file of the machine that Terraform runs on", got: source, fix: "give its content" }];
  });
}

/** Provisioners of resources, and of what is removed. */
function provisionersOf(document: Json): readonly (readonly [where: string, block: Block])[] {
  const resources = blocksOf(document["resource"], 2).map(
    (block) => [addressOf("resource", block), block.body] as const,
  );
  const removed = blocksOf(document["removed"], 0).map(
    ({ body }) => [`removed ${text(body["from"]) ?? ""}`, body] as const,
  );
  return [...resources, ...removed].flatMap(([where, body]) =>
    nestedBlocks(body, "provisioner", 1).map((block) => [where, block] as const),
  );
}

function filed({ name, document }: Named, known: Known): readonly Problem[] {
  return blocksOf(document["resource"], 2).flatMap((block) =>
    (FILES[block.labels[0] ?? ""] ?? []).flatMap((argument) =>
      valuesOf(block.body, argument)
        .filter((value) => value !== null && value !== false && !known.has("resource", block))
        .map((value) => ({
          path: `${name}: ${addressOf("resource", block)}: ${argument}`,
          rule: "reads files of the machine that Terraform runs on",
          got: value,
          fix: NEVER,
        })),
    ),
  );
}

function expressed({ name, document }: Named, known: Known): readonly Problem[] {
  return textsIn(document, "").flatMap(([path, value]) => {
    const found = known.expressions.has(value) ? undefined : forbiddenIn(value);
    if (found === undefined) return [];
    return [
      {
        path: `${name}: ${path}`,
        rule: `${found}, which would read files of the machine that Terraform runs on`,
        got: value,
        fix: "leave it as the base has it, or give the value itself",
      },
    ];
  });
}
