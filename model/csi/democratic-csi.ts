import type { CsiDriver, CsiEndpoint, CsiMachineNeeds, CsiProgram } from "../csi-driver";
import { blockDevice, EVERY_ACCESS_MODE, fileSystem } from "./capabilities";
import { controllerTemplate, httpPort, nodeConfig, secretsOf } from "./democratic-config";
import { democraticProblems, portalOf } from "./democratic-rules";
import type { DemocraticCsiOptions } from "./democratic-types";

const CONFIG = "driver-config-file.json";
const ISCSI: CsiMachineNeeds = {
  packages: [{ name: "open-iscsi", command: "iscsiadm" }],
  kernelModules: ["iscsi_tcp"],
  units: ["iscsid.service"],
};
const NFS: CsiMachineNeeds = {
  packages: [{ name: "nfs-common", command: "mount.nfs" }],
  kernelModules: ["nfs"],
};

/**
 * Volumes of TrueNAS, or of a machine with ZFS, over iSCSI or NFS. Controllers read the storage's credentials from a Nomad
 * variable; machines that mount get none.
 *
 * @see https://github.com/democratic-csi/democratic-csi
 */
export function democraticCsi(options: DemocraticCsiOptions): CsiDriver {
  const isIscsi = "iscsi" in options;
  const name = `org.democratic-csi.${options.driver}`;
  const program = (mode: "controller" | "node", directory: string) => ({
    image: `docker.io/democraticcsi/democratic-csi:${options.version ?? "v1.9.4"}`,
    args: [
      "--csi-version=1.5.0",
      `--csi-name=${name}`,
      `--driver-config-file=\${${directory}}/${CONFIG}`,
      "--log-level=info",
      `--csi-mode=${mode}`,
      "--server-socket=/csi/csi.sock",
    ],
    hostNetwork: true,
  });
  const node: CsiProgram = {
    ...program("node", "NOMAD_TASK_DIR"),
    // By default the driver believes udev, and formats a disk that udev has not looked at yet. blkid reads the disk.
    env: { CSI_NODE_ID: "${node.unique.name}", FILESYSTEM_TYPE_DETECTION_STRATEGY: "blkid" },
    templates: [{ destination: `local/${CONFIG}`, data: nodeConfig(options) }],
    privileged: true,
    hostIpc: isIscsi,
    hostPaths: [
      // It runs the machine's own iscsiadm there.
      { host: "/", container: "/host", shared: true },
      { host: "/run/udev", container: "/run/udev", readOnly: true },
    ],
    machine: isIscsi ? ISCSI : NFS,
  };
  return {
    name,
    programs: {
      controller: {
        ...program("controller", "NOMAD_SECRETS_DIR"),
        templates: [{ destination: `secrets/${CONFIG}`, data: controllerTemplate(options) }],
      },
      node,
    },
    // A file system of a disk is for one machine, or for several that only read it.
    capabilities: isIscsi
      ? [
          ...fileSystem("single-node-writer", "single-node-reader-only", "multi-node-reader-only"),
          ...blockDevice(...EVERY_ACCESS_MODE),
        ]
      : fileSystem(...EVERY_ACCESS_MODE),
    creates: true,
    parameters: {
      detachedVolumesFromSnapshots: { oneOf: ["true", "false"] },
      detachedVolumesFromVolumes: { oneOf: ["true", "false"] },
    },
    endpoints: endpointsOf(options),
    secrets: secretsOf(options),
    problems: democraticProblems(options),
  };
}

function endpointsOf(options: DemocraticCsiOptions): readonly CsiEndpoint[] {
  const http = "httpConnection" in options ? options.httpConnection : undefined;
  const ssh = "sshConnection" in options ? options.sshConnection : undefined;
  return [
    ...(http === undefined
      ? []
      : [{ host: http.host, port: http.port ?? httpPort(http.protocol), from: "controller" } as const]),
    ...(ssh === undefined ? [] : [{ host: ssh.host, port: ssh.port ?? 22, from: "controller" } as const]),
    "iscsi" in options
      ? { ...portalOf(options.iscsi.targetPortal), from: "node" }
      : { host: options.nfs.shareHost, port: 2049, from: "node" },
  ];
}
