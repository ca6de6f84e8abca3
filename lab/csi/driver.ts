import type { CsiDriver as Driver } from "../../model/csi-driver";
import { CsiDriver, fileSystem } from "../../model/csi-drivers";
import { CSI_PLUGIN } from "../tools";

/** Where the lab's hosts have the plugin. */
export const CSI_PLUGIN_PATH = `/usr/local/lib/steppe-lab/${CSI_PLUGIN}`;
/** Directory that all container hosts of the lab share. */
export const SHARED_DIRECTORY = "/srv/shared";

/** What the plugin keeps volumes on: the directory that container hosts share, or exports of NFSv4 servers. */
export type LabCsiBackend = "directory" | "nfs";

const MODES = fileSystem(
  "single-node-writer",
  "single-node-reader-only",
  "multi-node-reader-only",
  "multi-node-single-writer",
  "multi-node-multi-writer",
);

/**
 * The CSI plugin of the lab, a fixture: two programs of the host, run by raw_exec. It mounts directories, and attaches volumes of
 * one node to one node.
 *
 * @param backend - `nfs` needs hosts that are machines: containers share a kernel that may have no NFS. Its volumes have the
 * parameters `server` and `share`.
 */
export function labCsiDriver(backend: LabCsiBackend = "directory"): Driver {
  const args = [
    "--endpoint=${CSI_ENDPOINT}",
    `--backend=${backend}`,
    ...(backend === "directory" ? [`--directory=${SHARED_DIRECTORY}`] : []),
  ];
  const program = { command: CSI_PLUGIN_PATH, cpuMHz: 50, memoryMiB: 64 };
  return CsiDriver.custom({
    name: "lab-fixture.csi.steppe.invalid",
    programs: {
      controller: { ...program, args: [...args, "--role=controller"] },
      node: { ...program, args: [...args, "--role=node", "--node-id=${node.unique.name}"] },
    },
    capabilities: MODES,
    creates: true,
    parameters: {
      uid: {},
      gid: {},
      mode: {},
      ...(backend === "nfs" ? { server: { required: true }, share: { required: true } } : {}),
    },
  });
}

/**
 * The same plugin as one that mounts what is exported already, as csi-driver-nfs does for volumes of the kind `nfs`: a program on
 * every machine of its pools, no controller. The machines need a kernel with NFS of their own.
 */
export function labNfsDriver(): Driver {
  return CsiDriver.custom({
    name: "lab-fixture.csi.steppe.invalid",
    programs: {
      node: {
        command: CSI_PLUGIN_PATH,
        args: ["--endpoint=${CSI_ENDPOINT}", "--backend=nfs", "--role=node", "--node-id=${node.unique.name}"],
        cpuMHz: 50,
        memoryMiB: 64,
        machine: { packages: [{ name: "nfs-common", command: "mount.nfs" }], kernelModules: ["nfs"] },
      },
    },
    capabilities: MODES,
    creates: false,
    mountsNfs: true,
  });
}
