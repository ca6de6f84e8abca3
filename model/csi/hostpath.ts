import type { CsiDriver } from "../csi-driver";
import { fileSystem } from "./capabilities";

/**
 * Directories of one machine, for trying things: what is on it goes with the machine.
 *
 * @see https://github.com/kubernetes-csi/csi-driver-host-path
 */
export function hostpath(): CsiDriver {
  return {
    name: "hostpath.csi.k8s.io",
    programs: {
      monolith: {
        image: "registry.k8s.io/sig-storage/hostpathplugin:v1.17.0",
        args: [
          "--drivername=hostpath.csi.k8s.io",
          "--v=3",
          "--endpoint=${CSI_ENDPOINT}",
          "--nodeid=${node.unique.name}",
        ],
        privileged: true,
      },
    },
    capabilities: fileSystem("single-node-writer", "single-node-reader-only"),
    creates: true,
    parameters: {},
  };
}
