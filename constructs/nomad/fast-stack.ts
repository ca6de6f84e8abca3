import { TerraformStack } from "cdktf";
import { ValidationError } from "../core/problems";

/** A resource whose JSON is finished: plain data, no reference that CDKTF would have to resolve. */
export interface PlainResource {
  readonly type: string;
  readonly logicalId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * A stack for thousands of jobs. CDKTF sends every key and value of every resource through its token resolver four times,
 * which is most of the time of a large program. Resources that know that they hold no token ({@link JobResource}) hand
 * their JSON to the stack as it is; everything else takes the normal way. The output is the same to the byte.
 *
 * Uses public, overridable methods only.
 */
export class FastStack extends TerraformStack {
  private collected: PlainResource[] | undefined;
  private isFast = true;

  /**
   * Takes a finished resource, if the stack is being synthesized and can.
   *
   * @returns false when the resource must render itself.
   * @internal
   */
  public _collect(resource: () => PlainResource | undefined): boolean {
    if (this.collected === undefined || !this.isFast) return false;
    const plain = resource();
    if (plain === undefined) return false;
    this.collected.push(plain);
    return true;
  }

  /** True while resources are asked for what they are, outside of any other use of them. @internal */
  public get _isCollecting(): boolean {
    return this.collected !== undefined && this.isFast;
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
    this.collect(() => super.prepareStack());
  }

  public override toTerraform(): unknown {
    const { result, resources } = this.collect(() => super.toTerraform() as Document);
    for (const { type, logicalId, attributes } of resources) {
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

  private collect<T>(step: () => T): { readonly result: T; readonly resources: readonly PlainResource[] } {
    const resources: PlainResource[] = [];
    this.collected = resources;
    try {
      return { result: step(), resources };
    } finally {
      this.collected = undefined;
    }
  }
}

interface Document {
  resource?: Record<string, Record<string, unknown>>;
}
