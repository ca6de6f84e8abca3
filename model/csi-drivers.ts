import type { CsiDriver as Driver } from "./csi-driver";
import { awsEbs } from "./csi/aws-ebs";
import { awsEfs } from "./csi/aws-efs";
import { democraticCsi } from "./csi/democratic-csi";
import { gcpPersistentDisk } from "./csi/gcp-persistent-disk";
import { hostpath } from "./csi/hostpath";
import { nfs } from "./csi/nfs";

export { blockDevice, fileSystem } from "./csi/capabilities";

/** A driver given in full. Returned as it is: the type says what is missing, `validateFleet` what is wrong. */
function custom(driver: Driver): Driver {
  return driver;
}

/** CSI drivers that Steppe knows, and any other. */
export const CsiDriver = { awsEbs, awsEfs, custom, democraticCsi, gcpPersistentDisk, hostpath, nfs } as const;
