import type { CsiDriver as Driver } from "./csi-driver";
import type { VolumeAccessMode, VolumeCapability } from "./volume-types";

/** All of these, as a directory. */
export function fileSystem(...accessModes: readonly VolumeAccessMode[]): readonly VolumeCapability[] {
  return accessModes.map((accessMode) => ({ accessMode, attachmentMode: "file-system" }));
}

/**
 * Directories of one machine, for trying things: what is on it goes with the machine.
 *
 * @see https://github.com/kubernetes-csi/csi-driver-host-path
 */
function hostpath(): Driver {
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

/** A driver given in full. Returned as it is: the type says what is missing, `validateFleet` what is wrong. */
function custom(driver: Driver): Driver {
  return driver;
}

/** CSI drivers that Steppe knows, and any other. */
export const CsiDriver = { custom, hostpath } as const;
