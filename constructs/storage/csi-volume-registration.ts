import { CsiVolumeRegistration as CsiVolumeRegistrationResource } from "@cdktf/provider-nomad/lib/csi-volume-registration";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { RegisteredVolume } from "../../model/volume-types";
import { capabilitiesOf } from "../../model/volumes";
import { dependencies } from "../nomad/dependencies";
import type { VolumeConstruct } from "../nomad/job-mounts";
import { mountOptionsOf, VOLUME_TIMEOUTS } from "./csi-volume";

export interface CsiVolumeRegistrationProps extends Omit<RegisteredVolume, "kind" | "perAlloc" | "retired"> {
  /** Id, as jobs name it. */
  readonly volumeId: string;
  /** @default - the stack's readiness gate, which is always waited for */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A disk, share or data set that exists, told to Nomad. Destroying it makes Nomad forget it; the data stays.
 *
 * @see https://registry.terraform.io/providers/hashicorp/nomad/2.5.2/docs/resources/csi_volume_registration
 */
export class CsiVolumeRegistration extends Construct implements VolumeConstruct {
  public readonly volumeName: string;
  public readonly volume: RegisteredVolume;
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: CsiVolumeRegistrationResource;

  constructor(scope: Construct, id: string, props: CsiVolumeRegistrationProps) {
    super(scope, id);
    this.volumeName = props.volumeId;
    this.volume = { kind: "registered", ...props };
    const { requiredTopologies = [] } = props;
    this.resource = new CsiVolumeRegistrationResource(this, "Resource", {
      volumeId: props.volumeId,
      name: props.name ?? props.volumeId,
      namespace: props.namespace,
      pluginId: props.plugin,
      externalId: props.externalId,
      capability: [...capabilitiesOf({ kind: "registered", ...props })],
      context: props.context === undefined ? undefined : { ...props.context },
      parameters: props.parameters === undefined ? undefined : { ...props.parameters },
      mountOptions: mountOptionsOf(props),
      topologyRequest:
        requiredTopologies.length === 0
          ? undefined
          : { required: { topology: requiredTopologies.map((segments) => ({ segments: { ...segments } })) } },
      deregisterOnDestroy: true,
      timeouts: VOLUME_TIMEOUTS,
      dependsOn: [...dependencies(this, props.dependsOn)],
    });
  }

  public get where(): string {
    return this.node.path;
  }
}
