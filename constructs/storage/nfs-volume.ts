import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { NfsVolume as NfsVolumeData } from "../../model/volume-types";
import { capabilitiesOf } from "../../model/volumes";
import type { VolumeConstruct } from "../nomad/job-mounts";
import { CsiVolumeRegistration } from "./csi-volume-registration";

/** An unanswered request is asked again for ever, so that no write is lost; access times are of no use to anybody. */
const MOUNT_FLAGS = ["nfsvers=4.1", "hard", "noatime"];

export interface NfsVolumeProps extends Omit<NfsVolumeData, "kind" | "perAlloc" | "retired"> {
  /** Id, as jobs name it. */
  readonly volumeId: string;
  /** @default - the stack's readiness gate, which is always waited for */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** A directory of an NFS server, mounted by a plugin such as csi-driver-nfs. Destroying it leaves the data alone. */
export class NfsVolume extends Construct implements VolumeConstruct {
  public readonly volumeName: string;
  public readonly volume: NfsVolumeData;
  public readonly registration: CsiVolumeRegistration;

  constructor(scope: Construct, id: string, props: NfsVolumeProps) {
    super(scope, id);
    this.volumeName = props.volumeId;
    this.volume = { kind: "nfs", ...props };
    const { server, share, subdirectory, mountFlags = MOUNT_FLAGS, capabilities, ...volume } = props;
    this.registration = new CsiVolumeRegistration(this, "Registration", {
      ...volume,
      capabilities: capabilitiesOf({ kind: "nfs", ...props, ...(capabilities && { capabilities }) }),
      // The driver keeps what it needs for unmounting in the id.
      externalId: props.volumeId,
      context: { server, share, ...(subdirectory === undefined ? {} : { subdir: subdirectory }) },
      mountOptions: { fsType: "nfs", mountFlags },
    });
  }

  public get where(): string {
    return this.node.path;
  }

  /** The Terraform resource, for settings that have no property here yet. */
  public get resource(): CsiVolumeRegistration["resource"] {
    return this.registration.resource;
  }
}
