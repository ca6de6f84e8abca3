import type { CsiDriver, CsiProgram } from "../csi-driver";
import { fileSystem } from "./capabilities";

export interface AwsEfsOptions {
  /** File systems that it may use. Shape: `["fs-0123456789abcdef0"]`. */
  readonly fileSystemIds: readonly string[];
  /** Version of the driver's image. @default "v3.4.1" */
  readonly version?: string;
}

/**
 * Shared file systems of AWS, which exist: as a whole (kind `registered`), or access points that it makes (kind `created`).
 *
 * Mounts go through a proxy with TLS inside the node program. Its state is a directory of the machine, so that the next program
 * takes the mounts over.
 *
 * @see https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/parameters.md
 */
export function awsEfs({ fileSystemIds, version = "v3.4.1" }: AwsEfsOptions): CsiDriver {
  const program: CsiProgram = {
    image: `public.ecr.aws/efs-csi-driver/amazon/aws-efs-csi-driver:${version}`,
    args: ["--endpoint=${CSI_ENDPOINT}", "--logtostderr", "--v=2"],
    env: { PORT_RANGE_UPPER_BOUND: "21049" },
    privileged: true,
    hostNetwork: true,
  };
  return {
    name: "efs.csi.aws.com",
    programs: {
      // The tag is what the controller's permissions are limited to.
      controller: {
        ...program,
        args: [...program.args, "--delete-access-point-root-dir=false", "--tags=steppe-fleet:${NOMAD_META_fleet}"],
      },
      node: {
        ...program,
        hostPaths: [
          { host: "/run/efs", container: "/var/run/efs" },
          { host: "/var/amazon/efs", container: "/var/amazon/efs" },
          { host: "/etc/amazon/efs", container: "/etc/amazon/efs-legacy" },
        ],
        machine: { kernelModules: ["nfs"], directories: ["/run/efs", "/var/amazon/efs", "/etc/amazon/efs"] },
      },
    },
    capabilities: fileSystem("single-node-writer", "multi-node-multi-writer"),
    creates: true,
    parameters: {
      provisioningMode: { required: true, oneOf: ["efs-ap"] },
      fileSystemId: { required: true, oneOf: fileSystemIds },
      directoryPerms: { required: true },
      uid: {},
      gid: {},
      gidRangeStart: {},
      gidRangeEnd: {},
      basePath: {},
      az: {},
    },
    cloud: { storage: "aws-efs", fileSystemIds },
    problems: [
      ...(fileSystemIds.length > 0
        ? []
        : [
            {
              path: "fileSystemIds",
              rule: "must name a file system: its permissions are for those",
              got: fileSystemIds,
            },
          ]),
      ...fileSystemIds.flatMap((id, index) =>
        /^fs-[0-9a-f]{8,40}$/.test(id)
          ? []
          : [{ path: `fileSystemIds[${index}]`, rule: "must be the id of a file system, like fs-0123abcd", got: id }],
      ),
    ],
  };
}
