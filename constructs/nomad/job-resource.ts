import { Job as JobBinding, type JobConfig } from "@cdktf/provider-nomad/lib/job";
import { type ITerraformDependable, TerraformElement, TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { FastStack, type PlainResource } from "./fast-stack";
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
export class JobResource extends JobBinding {
  private readonly stack: FastStack | undefined;
  private readonly waitsFor: readonly ITerraformDependable[];
  private readonly givenDependsOn: readonly string[] | undefined;

  constructor(scope: Construct, id: string, config: JobResourceConfig) {
    super(scope, id, { ...config, dependsOn: config.dependsOn.length === 0 ? undefined : [...config.dependsOn] });
    const stack = TerraformStack.of(this);
    this.stack = stack instanceof FastStack ? stack : undefined;
    this.waitsFor = config.dependsOn;
    this.givenDependsOn = this.dependsOn === undefined ? undefined : [...this.dependsOn];
  }

  public override toTerraform(): unknown {
    if (this.stack?._collect(() => this.plain()) === true) return {};
    return super.toTerraform();
  }

  public override toMetadata(): unknown {
    return this.stack?._isCollecting === true && this.plainMeta() ? {} : super.toMetadata();
  }

  /** The resource as plain data; undefined when it holds anything else. */
  private plain(): PlainResource | undefined {
    if (!this.plainMeta()) return undefined;
    const dependsOn = this.plainDependencies();
    if (dependsOn === undefined) return undefined;
    const attributes: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(this.synthesizeAttributes())) {
      if (value === undefined) continue;
      if (typeof value === "string" ? holdsToken(value) : typeof value !== "boolean") return undefined;
      attributes[name] = value;
    }
    if (dependsOn.length > 0) attributes["depends_on"] = dependsOn;
    if (this.provider !== undefined) {
      const { fqn } = this.provider;
      if (holdsToken(fqn)) return undefined;
      attributes["provider"] = fqn;
    }
    const { metadata } = this.constructNodeMetadata as { readonly metadata: ElementMetadata };
    if (metadata.stackTrace !== undefined) return undefined;
    attributes["//"] = { metadata: { path: metadata.path, uniqueId: metadata.uniqueId } };
    return { type: this.terraformResourceType, logicalId: metadata.uniqueId, attributes };
  }

  private plainMeta(): boolean {
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

  /** Addresses of what it waits for; undefined when one is not a plain resource of this stack. */
  private plainDependencies(): readonly string[] | undefined {
    const { dependsOn, givenDependsOn } = this;
    if (dependsOn === undefined) return givenDependsOn === undefined ? [] : undefined;
    if (
      dependsOn.length !== givenDependsOn?.length ||
      dependsOn.some((item, index) => item !== givenDependsOn[index])
    ) {
      return undefined;
    }
    const addresses: string[] = [];
    for (const item of this.waitsFor) {
      const element: unknown = item instanceof ReadinessGate ? item.resource : item;
      if (!TerraformResource.isTerraformResource(element) || !TerraformElement.isTerraformElement(element))
        return undefined;
      if (element.cdktfStack !== this.stack) return undefined;
      addresses.push(`${element.terraformResourceType}.${element.friendlyUniqueId}`);
    }
    return addresses;
  }
}

interface ElementMetadata {
  readonly path: string;
  readonly uniqueId: string;
  readonly stackTrace?: unknown;
}
