import type { CsiCloud } from "../../../model/csi-driver";
import type { Fleet } from "../../../model/types";
import type { CsiPlugin } from "../../../model/volume-types";
import { controllerPoolOf, pluginsOf } from "../../../model/volumes";
import { type AllowedIf, partitionOf } from "./iam";

/** What a CSI plugin lets the machines of a pool do. */
export interface CsiPolicy {
  /** Name of the policy. Shape: `csi-disks-controller`. */
  readonly policy: string;
  readonly statements: readonly AllowedIf[];
}

/** What everything that is allowed here is limited to. */
interface Subject {
  readonly fleet: string;
  /** @param resource - Shape: `ec2`, `volume/*`. */
  readonly arn: (service: string, resource: string) => string;
  /** Pools whose machines mount. */
  readonly pools: readonly string[];
}

/** What CSI plugins let a pool's machines do: managing storage where the controllers run, mounting elsewhere. */
export function csiPolicies(fleet: Fleet, poolName: string): readonly CsiPolicy[] {
  const pool = fleet.pools[poolName];
  const site = fleet.sites[pool?.site ?? ""];
  if (pool === undefined || site?.platform !== "aws") return [];
  const { awsRegion } = site;
  return pluginsOf(fleet, pool.region).flatMap(([id, plugin]) => {
    const { cloud } = plugin.driver;
    if (cloud === undefined) return [];
    const subject: Subject = {
      fleet: fleet.name,
      arn: (service, resource) => `arn:${partitionOf(awsRegion)}:${service}:${awsRegion}:*:${resource}`,
      pools: plugin.pools,
    };
    return [
      { policy: `csi-${id}-controller`, statements: manages(plugin, poolName) ? controller(cloud, subject) : [] },
      { policy: `csi-${id}-node`, statements: plugin.pools.includes(poolName) ? node(cloud, subject) : [] },
    ].filter(({ statements }) => statements.length > 0);
  });
}

function manages(plugin: CsiPlugin, pool: string): boolean {
  return controllerPoolOf(plugin) === pool;
}

function controller(cloud: CsiCloud, subject: Subject): readonly AllowedIf[] {
  switch (cloud.storage) {
    case "aws-ebs":
      return [...disks(subject), ...keys(cloud.kmsKeyArns ?? [])];
    case "aws-efs":
      return accessPoints(cloud.fileSystemIds, subject);
    case "gcp-pd":
      return [];
  }
}

/** Disks need nothing: the controller attaches them. */
function node(cloud: CsiCloud, { arn }: Subject): readonly AllowedIf[] {
  if (cloud.storage !== "aws-efs") return [];
  const actions = ["ClientMount", "ClientWrite", "DescribeMountTargets"].map((name) => `elasticfilesystem:${name}`);
  return [
    { actions, resources: fileSystems(cloud.fileSystemIds, arn) },
    { actions: ["ec2:DescribeAvailabilityZones"], resources: ["*"] },
  ];
}

/**
 * Disks and snapshots that the driver made for this fleet, by the tags that it gives them: servers' data volumes have the fleet's tag
 * too, but not the driver's. They are attached to machines of the plugin's pools alone.
 *
 * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/example-iam-policy.json
 */
function disks({ fleet, arn, pools }: Subject): readonly AllowedIf[] {
  const tags = (which: "Request" | "Resource") => ({
    StringEquals: { [`aws:${which}Tag/steppe:fleet`]: fleet, [`aws:${which}Tag/ebs.csi.aws.com/cluster`]: "true" },
  });
  const [made, ours] = [tags("Request"), tags("Resource")];
  const [volumes, instances] = [arn("ec2", "volume/*"), arn("ec2", "instance/*")];
  // Snapshots have no account in their ARN.
  const snapshots = arn("ec2", "snapshot/*").replace(":*:snapshot", "::snapshot");
  return [
    {
      actions: [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications",
        "ec2:DescribeVolumeStatus",
      ],
      resources: ["*"],
    },
    { actions: ["ec2:CreateVolume", "ec2:CopyVolumes"], resources: [volumes], condition: made },
    { actions: ["ec2:CreateVolume"], resources: [snapshots], condition: ours },
    { actions: ["ec2:CreateSnapshot"], resources: [snapshots], condition: made },
    {
      actions: [
        "ec2:AttachVolume",
        "ec2:CopyVolumes",
        "ec2:CreateSnapshot",
        "ec2:DeleteVolume",
        "ec2:DetachVolume",
        "ec2:ModifyVolume",
      ],
      resources: [volumes],
      condition: ours,
    },
    { actions: ["ec2:DeleteSnapshot"], resources: [snapshots], condition: ours },
    {
      actions: ["ec2:AttachVolume", "ec2:DetachVolume"],
      resources: [instances],
      condition: { StringEquals: { "aws:ResourceTag/steppe:fleet": fleet, "aws:ResourceTag/steppe:pool": pools } },
    },
    {
      actions: ["ec2:CreateTags"],
      resources: [volumes, snapshots],
      condition: { StringEquals: { "ec2:CreateAction": ["CreateVolume", "CreateSnapshot", "CopyVolumes"] } },
    },
  ];
}

/** Encryption with keys of the fleet's owner. @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html */
function keys(arns: readonly string[]): readonly AllowedIf[] {
  if (arns.length === 0) return [];
  return [
    {
      actions: ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKeyWithoutPlaintext", "ReEncrypt*"].map(
        (name) => `kms:${name}`,
      ),
      resources: arns,
    },
    {
      actions: ["kms:CreateGrant"],
      resources: arns,
      condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ];
}

/**
 * Access points that the driver made for this fleet, on the file systems that it may use.
 *
 * @see https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/iam-policy-example.json
 */
function accessPoints(ids: readonly string[], { fleet, arn }: Subject): readonly AllowedIf[] {
  const efs = (...names: readonly string[]) => names.map((name) => `elasticfilesystem:${name}`);
  const tags = (which: "Request" | "Resource") => ({
    StringEquals: { [`aws:${which}Tag/steppe-fleet`]: fleet, [`aws:${which}Tag/efs.csi.aws.com/cluster`]: "true" },
  });
  const points = arn("elasticfilesystem", "access-point/*");
  const systems = fileSystems(ids, arn);
  return [
    { actions: ["ec2:DescribeAvailabilityZones"], resources: ["*"] },
    {
      actions: efs("DescribeAccessPoints", "DescribeFileSystems", "DescribeMountTargets"),
      resources: [...systems, points],
    },
    { actions: efs("CreateAccessPoint"), resources: systems, condition: tags("Request") },
    { actions: efs("DeleteAccessPoint", "TagResource"), resources: [points], condition: tags("Resource") },
  ];
}

function fileSystems(ids: readonly string[], arn: Subject["arn"]): readonly string[] {
  return ids.map((id) => arn("elasticfilesystem", `file-system/${id}`));
}
