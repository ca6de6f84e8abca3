import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import type { Construct } from "constructs";
import type { AwsSite } from "../../../model/aws-types";
import type { Fleet, Pool } from "../../../model/types";
import { metadataOptions } from "./machine-options";
import type { MachineRole } from "./machine-role";
import type { AwsNetwork } from "./network";
import type { Tags } from "./tags";

export interface PoolTemplateProps {
  readonly fleet: Fleet;
  readonly site: AwsSite;
  readonly pool: Pool;
  /** Name of template and machines. */
  readonly name: string;
  readonly network: AwsNetwork;
  readonly role: MachineRole;
  /** As EC2 takes it. */
  readonly userData: string;
  readonly tags: Tags;
}

/** What each machine of a pool is made from. Tags of machines come from the group, which AWS knows as the one who makes them. */
export function poolTemplate(scope: Construct, id: string, props: PoolTemplateProps): LaunchTemplate {
  const { site, pool, name, network, role, userData, tags } = props;
  return new LaunchTemplate(scope, id, {
    name,
    imageId: pool.image ?? site.images[pool.hardware.architecture ?? "amd64"],
    instanceType: pool.machineType,
    updateDefaultVersion: true,
    userData,
    iamInstanceProfile: { arn: role.profileArn },
    metadataOptions: metadataOptions(pool.taskMetadataAccess !== undefined),
    networkInterfaces: [
      {
        deviceIndex: 0,
        associatePublicIpAddress: String(network.hasPublicAddresses),
        securityGroups: network.securityGroupIds,
        deleteOnTermination: "true",
      },
    ],
    blockDeviceMappings: [
      {
        deviceName: site.rootDevice ?? "/dev/xvda",
        ebs: {
          volumeType: "gp3",
          volumeSize: pool.rootVolumeGiB ?? 100,
          encrypted: "true",
          deleteOnTermination: "true",
        },
      },
    ],
    tagSpecifications: ["volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
    tags,
  });
}
