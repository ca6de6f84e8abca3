import { CsiVolume as CsiVolumeResource } from "@cdktf/provider-nomad/lib/csi-volume";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { CreatedVolume } from "../../model/volume-types";
import { capabilitiesOf } from "../../model/volumes";
import { dependencies } from "../nomad/dependencies";
import type { VolumeConstruct } from "../nomad/job-mounts";

/** How long the provider tries, while the plugin comes up or lets go. */
export const VOLUME_TIMEOUTS = { create: "10m", delete: "10m" };

export interface CsiVolumeProps extends Omit<CreatedVolume, "kind" | "perAlloc" | "retired"> {
  /** Id, as jobs name it. */
  readonly volumeId: string;
  /** @default - the stack's readiness gate, which is always waited for */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A volume that a CSI plugin makes. It is kept: a plan that would destroy it fails, unless it is `disposable`.
 *
 * @see https://registry.terraform.io/providers/hashicorp/nomad/2.5.2/docs/resources/csi_volume
 */
export class CsiVolume extends Construct implements VolumeConstruct {
  public readonly volumeName: string;
  public readonly volume: CreatedVolume;
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: CsiVolumeResource;

  constructor(scope: Construct, id: string, props: CsiVolumeProps) {
    super(scope, id);
    this.volumeName = props.volumeId;
    this.volume = { kind: "created", ...props };
    const { capacityMinGiB, capacityMaxGiB, requiredTopologies = [], preferredTopologies = [] } = props;
    const topologies = (segments: readonly Readonly<Record<string, string>>[]) =>
      segments.length === 0 ? undefined : { topology: segments.map((one) => ({ segments: { ...one } })) };
    const [required, preferred] = [topologies(requiredTopologies), topologies(preferredTopologies)];
    this.resource = new CsiVolumeResource(this, "Resource", {
      volumeId: props.volumeId,
      name: props.name ?? props.volumeId,
      namespace: props.namespace,
      pluginId: props.plugin,
      capability: [...capabilitiesOf({ kind: "created", ...props })],
      capacityMin: `${capacityMinGiB}GiB`,
      capacityMax: capacityMaxGiB === undefined ? undefined : `${capacityMaxGiB}GiB`,
      parameters: props.parameters === undefined ? undefined : { ...props.parameters },
      mountOptions: mountOptionsOf(props),
      topologyRequest:
        required === undefined && preferred === undefined
          ? undefined
          : { ...(required && { required }), ...(preferred && { preferred }) },
      snapshotId: props.snapshotId,
      cloneId: props.cloneId,
      timeouts: VOLUME_TIMEOUTS,
      dependsOn: [...dependencies(this, props.dependsOn)],
      ...(props.disposable === undefined ? { lifecycle: { preventDestroy: true } } : {}),
    });
  }

  public get where(): string {
    return this.node.path;
  }
}

/** A volume's mount options as the provider takes them. */
export function mountOptionsOf({ mountOptions }: Pick<CreatedVolume, "mountOptions">) {
  if (mountOptions === undefined) return undefined;
  const { fsType, mountFlags } = mountOptions;
  return { fsType, mountFlags: mountFlags === undefined ? undefined : [...mountFlags] };
}
