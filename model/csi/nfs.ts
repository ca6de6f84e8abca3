import type { CsiDriver, CsiProgram } from "../csi-driver";
import { EVERY_ACCESS_MODE, fileSystem } from "./capabilities";

export interface NfsDriverOptions {
  /** Version of the driver's image. @default "v4.13.4" */
  readonly version?: string;
}

/**
 * Directories of NFS servers: existing exports (kind `nfs`), and directories that it makes below one (kind `created`).
 *
 * Both programs mount, the controller to make a directory, and as the machine: the kernel keeps the connection of a mount in
 * the network that it was made in, so that one of a container's would break with it.
 *
 * @see https://github.com/kubernetes-csi/csi-driver-nfs
 */
export function nfs({ version = "v4.13.4" }: NfsDriverOptions = {}): CsiDriver {
  const program: CsiProgram = {
    image: `registry.k8s.io/sig-storage/nfsplugin:${version}`,
    args: ["--v=2", "--drivername=nfs.csi.k8s.io", "--endpoint=${CSI_ENDPOINT}", "--nodeid=${node.unique.name}"],
    privileged: true,
    hostNetwork: true,
    machine: { packages: [{ name: "nfs-common", command: "mount.nfs" }], kernelModules: ["nfs"] },
  };
  return {
    name: "nfs.csi.k8s.io",
    programs: { controller: program, node: program },
    capabilities: fileSystem(...EVERY_ACCESS_MODE),
    creates: true,
    mountsNfs: true,
    parameters: {
      server: { required: true },
      share: { required: true },
      subDir: {},
      mountPermissions: {},
      onDelete: { oneOf: ["delete", "retain", "archive"] },
    },
  };
}
