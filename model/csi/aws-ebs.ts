import type { Problem } from "../../constructs/core/problems";
import type { CsiDriver } from "../csi-driver";
import { blockDevice, fileSystem } from "./capabilities";

export interface AwsEbsOptions {
  /** Version of the driver's image. @default "v1.64.0" */
  readonly version?: string;
  /** ARNs of keys that volumes may be encrypted with (`kmsKeyId`). @default [] - the account's own key of EBS */
  readonly kmsKeyArns?: readonly string[];
}

const BOOLEAN = { oneOf: ["true", "false"] } as const;

/**
 * Disks of AWS, each in one zone. Several machines share one as a device only, of type `io2`.
 *
 * Both programs ask the metadata service: which machine this is and where, and for the machine's credentials.
 *
 * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
 */
export function awsEbs({ version = "v1.64.0", kmsKeyArns = [] }: AwsEbsOptions = {}): CsiDriver {
  const image = `public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:${version}`;
  const common = ["--endpoint=${CSI_ENDPOINT}", "--metadata-sources=imds", "--v=2"];
  return {
    name: "ebs.csi.aws.com",
    programs: {
      // The tag is what the controller's permissions are limited to.
      controller: { image, args: ["controller", ...common, "--extra-tags=steppe:fleet=${NOMAD_META_fleet}"] },
      node: { image, args: ["node", ...common], privileged: true },
    },
    capabilities: [
      ...fileSystem("single-node-writer"),
      ...blockDevice("single-node-writer", "multi-node-multi-writer"),
    ],
    creates: true,
    parameters: {
      "csi.storage.k8s.io/fstype": { oneOf: ["ext3", "ext4", "xfs"] },
      type: { oneOf: ["gp3", "gp2", "io2", "io1", "st1", "sc1", "standard"] },
      iops: {},
      iopsPerGB: {},
      allowAutoIOPSPerGBIncrease: BOOLEAN,
      throughput: {},
      encrypted: BOOLEAN,
      kmsKeyId: { oneOf: kmsKeyArns },
      blockSize: {},
      inodeSize: {},
      bytesPerInode: {},
      numberOfInodes: {},
      ext4BigAlloc: BOOLEAN,
      ext4ClusterSize: {},
      ext4EncryptionSupport: BOOLEAN,
      volumeInitializationRate: {},
    },
    topologyKeys: ["topology.ebs.csi.aws.com/zone", "topology.kubernetes.io/zone"],
    cloud: { storage: "aws-ebs", kmsKeyArns },
    problems: kmsKeyArns.flatMap((arn, index) => keyProblems(`kmsKeyArns[${index}]`, arn)),
  };
}

function keyProblems(path: string, arn: string): Problem[] {
  if (/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(arn)) return [];
  const fix =
    "write it like arn:aws:kms:eu-central-1:123456789012:key/0123abcd-…; an alias is not enough for permissions";
  return [{ path, rule: "must be the ARN of a key", got: arn, fix }];
}
