import { DynamicHostVolume as DynamicHostVolumeResource } from "@cdktf/provider-nomad/lib/dynamic-host-volume";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { DynamicHostVolume as DynamicHostVolumeData } from "../../model/volume-types";
import { capabilitiesOf } from "../../model/volumes";
import { dependencies } from "../nomad/dependencies";
import type { VolumeConstruct } from "../nomad/job-mounts";

export interface DynamicHostVolumeProps extends Omit<DynamicHostVolumeData, "kind" | "machines" | "retired"> {
  /** Name, as jobs name it; unique on a machine. */
  readonly volumeName: string;
  /** @default - the stack's readiness gate, which is always waited for */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A directory that Nomad makes on a machine of a pool, one that has none of this name yet. It is kept: a plan that would destroy it
 * fails, unless it is `disposable`.
 *
 * @see https://registry.terraform.io/providers/hashicorp/nomad/2.5.2/docs/resources/dynamic_host_volume
 */
export class DynamicHostVolume extends Construct implements VolumeConstruct {
  public readonly volumeName: string;
  public readonly volume: DynamicHostVolumeData;
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: DynamicHostVolumeResource;

  constructor(scope: Construct, id: string, props: DynamicHostVolumeProps) {
    super(scope, id);
    this.volumeName = props.volumeName;
    this.volume = { kind: "dynamic-host", ...props };
    const { uid = 0, gid = 0, mode = "0700" } = props;
    this.resource = new DynamicHostVolumeResource(this, "Resource", {
      name: props.volumeName,
      namespace: props.namespace,
      nodePool: props.pool,
      pluginId: "mkdir",
      parameters: { mode, uid: String(uid), gid: String(gid) },
      capability: [...capabilitiesOf({ kind: "dynamic-host", ...props })],
      dependsOn: [...dependencies(this, props.dependsOn)],
      ...(props.disposable === undefined ? { lifecycle: { preventDestroy: true } } : {}),
    });
  }

  public get where(): string {
    return this.node.path;
  }
}
