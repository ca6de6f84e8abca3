import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { TerraformStack, TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { assertValid, type Problem } from "../core/problems";
import type { Fleet } from "../../model/types";
import { NOMAD_PROVIDER_SCALING_VERSION, NOMAD_PROVIDER_VERSION } from "../../model/versions";

/** In full: OpenTofu completes a short source with its own registry. */
export const NOMAD_PROVIDER_SOURCE = "registry.terraform.io/hashicorp/nomad";

/** Terraform variable that says where the region's API is. */
export const ADDRESS_VARIABLE = "nomad_address";

export interface RegionProviderProps {
  readonly region: string;
  /** Address used when the variable is not set. Shape: `https://server.tail1234.ts.net:4646`. */
  readonly address: string;
  /** Jobs of the stack must fit this fleet. @default - each job says, or none is checked */
  readonly fleet?: Fleet;
}

/**
 * The Nomad provider of a region; one per stack. The address is the variable `nomad_address`. Token and certificates come
 * from the environment (`NOMAD_TOKEN`, `NOMAD_CACERT`, `NOMAD_CLIENT_CERT`, `NOMAD_CLIENT_KEY`), never from configuration,
 * so neither plan nor state holds them.
 *
 * @see https://registry.terraform.io/providers/hashicorp/nomad/2.5.2/docs
 */
export class RegionProvider extends Construct {
  private static readonly providers = new WeakMap<TerraformStack, RegionProvider>();

  /** The region that a construct's stack talks to; undefined where none is set. */
  public static of(scope: Construct): RegionProvider | undefined {
    return RegionProvider.providers.get(TerraformStack.of(scope));
  }

  public readonly region: string;
  public readonly fleet: Fleet | undefined;
  /** Where the API is. */
  public readonly address: TerraformVariable;
  /** The Terraform provider, for settings that have no property here yet. */
  public readonly provider: NomadProvider;

  constructor(scope: Construct, id: string, props: RegionProviderProps) {
    super(scope, id);
    const stack = TerraformStack.of(this);
    const problems: Problem[] = [];
    if (!/^https:\/\/[^/\s]+$/.test(props.address)) {
      problems.push({
        path: "address",
        rule: "must be https://<host>:<port>",
        got: props.address,
        fix: "Nomad's API is never served without TLS",
      });
    }
    if (RegionProvider.providers.has(stack)) problems.push({ path: id, rule: "must be the only one of its stack" });
    assertValid(this.node.path, problems);
    this.region = props.region;
    this.fleet = props.fleet;
    this.address = new TerraformVariable(this, "Address", {
      type: "string",
      description: `Address of the Nomad API of region ${props.region}: any healthy server`,
      default: props.address,
      nullable: false,
    });
    this.address.overrideLogicalId(ADDRESS_VARIABLE);
    this.provider = new NomadProvider(this, "Resource", { address: this.address.stringValue, region: props.region });
    this.requireVersion(NOMAD_PROVIDER_VERSION);
    RegionProvider.providers.set(stack, this);
  }

  /** The stack has a job whose counts an apply keeps: asks for a provider that knows how. */
  public keepsCounts(): void {
    this.requireVersion(NOMAD_PROVIDER_SCALING_VERSION);
  }

  private requireVersion(version: string): void {
    const requirement = { source: NOMAD_PROVIDER_SOURCE, version };
    TerraformStack.of(this).addOverride("terraform.required_providers.nomad", requirement);
  }
}
