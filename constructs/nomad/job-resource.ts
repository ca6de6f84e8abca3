import { Job as JobBinding, type JobConfig } from "@cdktf/provider-nomad/lib/job";
import { dependable, type ITerraformDependable, TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type CollectedResource, FastStack, type PlainResource } from "./fast-stack";
import { holdsToken } from "./jobspec-text";
import { ReadinessGate } from "./readiness-gate";

export interface JobResourceConfig extends Omit<JobConfig, "dependsOn"> {
  readonly dependsOn: readonly ITerraformDependable[];
}

/**
 * `nomad_job`, which hands its JSON to a {@link FastStack} as it is when it holds nothing that CDKTF would have to work
 * on. Each such thing (a token, an override, lifecycle, count, for_each, provisioners, a move, an import, nested blocks)
 * makes it take the normal way; so does every other kind of stack.
 */
export class JobResource extends JobBinding implements CollectedResource {
  /** @internal */
  public readonly _collectsItself = true;
  private readonly stack: FastStack | undefined;
  private readonly waitsFor: readonly ITerraformDependable[];
  private readonly givenDependsOn: readonly string[];
  /** Text last seen to hold no token: it is long, and asked about twice. */
  private finished: string | undefined;

  constructor(scope: Construct, id: string, config: JobResourceConfig) {
    super(scope, id, { ...config, dependsOn: undefined });
    if (config.dependsOn.length > 0) this.dependsOn = config.dependsOn.map(tokenOf);
    const stack = TerraformStack.of(this);
    this.stack = stack instanceof FastStack ? stack : undefined;
    this.waitsFor = config.dependsOn;
    this.givenDependsOn = [...(this.dependsOn ?? [])];
  }

  public override toTerraform(): unknown {
    const isTaken = this.stack?._collect(
      () => this.isPlain(),
      () => this.render(),
    );
    return isTaken === true ? {} : super.toTerraform();
  }

  public override toMetadata(): unknown {
    return this.stack?._isCollecting === true && this.hasPlainMeta() ? {} : super.toMetadata();
  }

  /** Whether every part of the resource is data that needs no more work. */
  private isPlain(): boolean {
    if (!this.hasPlainMeta() || !this.hasPlainDependencies()) return false;
    if (this.provider !== undefined && holdsToken(this.provider.fqn)) return false;
    return Object.values(this.synthesizeAttributes()).every((value) =>
      typeof value === "string" ? this.isFinished(value) : value === undefined || typeof value === "boolean",
    );
  }

  private isFinished(text: string): boolean {
    if (text !== this.finished && holdsToken(text)) return false;
    this.finished = text;
    return true;
  }

  private render(): PlainResource {
    const attributes: Record<string, unknown> = {};
    const uniqueId = this.friendlyUniqueId;
    attributes["//"] = { metadata: { path: this.node.path, uniqueId } };
    if (this.waitsFor.length > 0) attributes["depends_on"] = this.waitsFor.map(addressOf);
    for (const [name, value] of Object.entries(this.synthesizeAttributes())) {
      if (value !== undefined) attributes[name] = value;
    }
    if (this.provider !== undefined) attributes["provider"] = this.provider.fqn;
    return { type: this.terraformResourceType, logicalId: uniqueId, attributes };
  }

  private hasPlainMeta(): boolean {
    return (
      this.count === undefined &&
      this.forEach === undefined &&
      this.lifecycle === undefined &&
      this.connection === undefined &&
      (this.provisioners?.length ?? 0) === 0 &&
      Object.keys(this.rawOverrides as object).length === 0 &&
      !this.hasResourceMove() &&
      this.importsNothing()
    );
  }

  private importsNothing(): boolean {
    return (super.toMetadata() as { readonly imports?: unknown }).imports === undefined;
  }

  /** Whether all that it waits for are plain resources of this stack, and nobody has added to them by hand. */
  private hasPlainDependencies(): boolean {
    const { dependsOn = [], givenDependsOn } = this;
    if (dependsOn.length !== givenDependsOn.length) return false;
    if (dependsOn.some((item, index) => item !== givenDependsOn[index])) return false;
    return this.waitsFor.every((item) => {
      const element = elementOf(item);
      return TerraformResource.isTerraformResource(element) && element.cdktfStack === this.stack;
    });
  }
}

const tokens = new WeakMap<ITerraformDependable, string>();

/** The token for `depends_on`, made once per dependency: thousands of jobs wait for one gate. */
function tokenOf(item: ITerraformDependable): string {
  const known = tokens.get(item);
  if (known !== undefined) return known;
  const token = dependable(item);
  tokens.set(item, token);
  return token;
}

function elementOf(item: ITerraformDependable): unknown {
  return item instanceof ReadinessGate ? item.resource : item;
}

function addressOf(item: ITerraformDependable): string {
  const { terraformResourceType, friendlyUniqueId } = elementOf(item) as TerraformResource;
  return `${terraformResourceType}.${friendlyUniqueId}`;
}
