import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { NfsVolume as NfsVolumeData } from "../../model/volume-types";
import { capabilitiesOf } from "../../model/volumes";
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
export class NfsVolume extends Construct {
  public readonly registration: CsiVolumeRegistration;

  constructor(scope: Construct, id: string, props: NfsVolumeProps) {
    super(scope, id);
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
}
