import { DefaultTokenResolver, StringConcat, TerraformResource, TerraformStack, Tokenization } from "cdktf";
import { ValidationError } from "../core/problems";
import { resolveParts } from "./token-parts";

/** A resource whose JSON is finished: plain data, no reference that CDKTF would have to resolve. */
export interface PlainResource {
  readonly type: string;
  readonly logicalId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A resource that knows by itself when its JSON is finished, and then gives it to {@link FastStack._collect}. */
export interface CollectedResource {
  /** @internal */
  readonly _collectsItself: true;
}

const resolver = new DefaultTokenResolver(new StringConcat());

/**
 * A stack for large fleets. CDKTF sends every key and value of every resource through its token resolver four times, which
 * is most of the time of a large program. Here the resolver gets only those parts of a resource that hold a token, and a
 * resource that knows that it holds none ({@link CollectedResource}) hands over its JSON as it is. The output is the same
 * to the byte.
 *
 * Uses public, overridable methods only.
 */
export class FastStack extends TerraformStack {
  private collected: PlainResource[] = [];
  private phase: "preparing" | "rendering" | undefined;
  private isFast = true;

  /**
   * Takes a finished resource, if the stack is being synthesized and can.
   *
   * @param isPlain - whether the resource holds nothing for CDKTF.
   * @param render - its JSON.
   * @returns false when the resource must render itself.
   * @internal
   */
  public _collect(isPlain: () => boolean, render: () => PlainResource): boolean {
    if (this.phase === undefined || !this.isFast || !isPlain()) return false;
    if (this.phase === "rendering") this.collected.push(render());
    return true;
  }

  /** True while resources are asked for what they are, outside of any other use of them. @internal */
  public get _isCollecting(): boolean {
    return this.phase !== undefined && this.isFast;
  }

  /** Sends all resources the normal way, for example to compare. */
  public useNormalPath(): void {
    this.isFast = false;
  }

  public override addOverride(path: string, value: unknown): void {
    // An override of the stack is laid over what the resources say, so they all must say it themselves.
    if (path.split(".")[0] === "resource") this.useNormalPath();
    super.addOverride(path, value);
  }

  public override prepareStack(): void {
    // Looks for references to other stacks only; a part without a token has none.
    this.during("preparing", () => super.prepareStack());
  }

  public override toTerraform(): unknown {
    const collected: PlainResource[] = (this.collected = []);
    const result = this.during("rendering", () => super.toTerraform() as Document);
    this.collected = [];
    for (const { type, logicalId, attributes } of collected) {
      const byType = ((result.resource ??= {})[type] ??= {});
      if (Object.hasOwn(byType, logicalId)) {
        throw new ValidationError(this.node.path, [
          { path: `${type}.${logicalId}`, rule: "must be unique in the stack", fix: "change one overrideLogicalId()" },
        ]);
      }
      byType[logicalId] = attributes;
    }
    return result;
  }

  private during<T>(phase: "preparing" | "rendering", step: () => T): T {
    const resources = this.isFast ? this.otherResources() : [];
    for (const resource of resources)
      resource.toTerraform = phase === "preparing" ? this.referencesOf(resource) : this.collecting(resource);
    this.phase = phase;
    try {
      return step();
    } finally {
      this.phase = undefined;
      for (const resource of resources) delete (resource as Partial<TerraformResource>).toTerraform;
    }
  }

  /** The stack's resources that do not collect themselves. */
  private otherResources(): TerraformResource[] {
    return this.node
      .findAll()
      .filter(
        (node): node is TerraformResource =>
          TerraformResource.isTerraformResource(node) &&
          node.cdktfStack === this &&
          !("_collectsItself" in node) &&
          !Object.hasOwn(node, "toTerraform"),
      );
  }

  /**
   * Stands for `toTerraform` while references are looked for: only the parts that may hold one, and those once. CDKTF asks
   * twice, for the sake of what the first round adds to the stack.
   */
  private referencesOf(resource: TerraformResource): () => unknown {
    const whole = resource.toTerraform.bind(resource);
    let isDone = false;
    return () => {
      const parts: unknown[] = [];
      if (!isDone) resolveParts(whole(), (part) => void parts.push(part));
      isDone = true;
      return parts;
    };
  }

  /** Stands for `toTerraform` while the stack is rendered: puts the finished JSON aside. */
  private collecting(resource: TerraformResource): () => unknown {
    const whole = resource.toTerraform.bind(resource) as () => Document;
    return () => {
      const document = whole();
      const isOnlyResource = Object.entries(document).every(
        ([key, value]) => key === "resource" || value === undefined,
      );
      if (!isOnlyResource || document.resource === undefined) return document;
      const finished = resolveParts(document.resource, (part) =>
        Tokenization.resolve(part, { scope: this, resolver, preparing: false }),
      ) as Required<Document>["resource"];
      for (const [type, byId] of Object.entries(finished))
        for (const [logicalId, attributes] of Object.entries(byId))
          this.collected.push({ type, logicalId, attributes: attributes as PlainResource["attributes"] });
      return {};
    };
  }
}

interface Document {
  resource?: Record<string, Record<string, unknown>>;
}
