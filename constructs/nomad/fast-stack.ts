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
    // Looks for references to other stacks only; a plain resource has none.
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
    this.phase = phase;
    try {
      return step();
    } finally {
      this.phase = undefined;
    }
  }
}

interface Document {
  resource?: Record<string, Record<string, unknown>>;
}
