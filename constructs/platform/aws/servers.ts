import { EbsVolume } from "@cdktf/provider-aws/lib/ebs-volume";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { VolumeAttachment } from "@cdktf/provider-aws/lib/volume-attachment";
import { Construct } from "constructs";
import { serverZones } from "../../../model/cloud-servers";
import type { AwsSite } from "../../../model/aws-types";
import { serverIdentity } from "../../../model/identities";
import { regionOf, serverNames } from "../../../model/names";
import type { CloudServers, Fleet } from "../../../model/types";
import { AssumptionError } from "../../core/problems";
import { given } from "../given";
import { metadataOptions } from "./machine-options";
import { MachineRole } from "./machine-role";
import type { AwsNetwork } from "./network";
import type { AwsSecrets } from "./secrets";
import { awsSiteOf, zonesOf } from "./site";
import { tagsFor } from "./tags";

/** Name under which the data volume is attached. The system shows it under another: Nitro makes NVMe disks of all. */
const DATA_DEVICE = "/dev/sdf";

/**
 * What of a machine that exists is not changed. Another type would stop all servers of a region at once, and a machine that was
 * stopped has no public address.
 */
const LEFT_ALONE = ["ami", "instance_type", "user_data", "user_data_base64", "associate_public_ip_address"];

/** Root disk of a server, GiB: system and logs; images of the usual distributions fit. */
const ROOT_VOLUME_GIB = 30;

export interface AwsServersProps {
  readonly fleet: Fleet;
  /** A region whose home site is on AWS. */
  readonly region: string;
  readonly network: AwsNetwork;
  readonly secrets: AwsSecrets;
  /** User data by server, as EC2 takes it: how it joins the tailnet and mounts its data volume. */
  readonly userData: Readonly<Record<string, string>>;
}

/**
 * A region's servers: one instance each, with a name and a data volume of its own that survives it. Image, machine type and user
 * data of a server that exists are left alone; it is replaced on purpose, one at a time.
 *
 * Which zone a server is in follows from the site's zones unless the fleet says it. A server that would move is refused by the
 * protection of its data.
 */
export class AwsServers extends Construct {
  /** Servers in service, in order. */
  public readonly machines: AwsServer[] = [];
  /** Who they are in AWS. Undefined where they are retired. */
  public readonly role?: MachineRole;
  private readonly servers: CloudServers;
  private readonly site: AwsSite;
  private readonly siteName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsServersProps,
  ) {
    super(scope, id);
    const { fleet, region } = props;
    const { servers, site, retired } = regionOf(fleet, region);
    if ("hosts" in servers) throw new AssumptionError(`region ${region} has hosts of its own`);
    this.servers = servers;
    this.siteName = site;
    this.site = awsSiteOf({ fleet, site });
    const retirement = retired ?? this.site.retired;
    if (retirement === undefined) {
      this.role = this.machineRole();
      for (const server of this.inZones()) this.server(server, this.role);
    } else if (retirement.keepData ?? true) for (const server of this.inZones()) this.dataVolume(server);
  }

  /** Puts the servers into one more security group. */
  public addSecurityGroup(id: string): void {
    for (const { instance } of this.machines)
      instance.vpcSecurityGroupIds = [...this.props.network.securityGroupIds, id];
  }

  private inZones(): readonly PlacedServer[] {
    const zones = serverZones(this.servers, zonesOf(this.site));
    return serverNames(this.props.fleet, this.props.region).map((name, index) => ({
      name,
      zone: zones[index] as string,
      scope: new Construct(this, name),
    }));
  }

  private machineRole(): MachineRole {
    const { fleet, region, secrets } = this.props;
    const identity = serverIdentity(fleet, region);
    return new MachineRole(this, "Role", { fleet, site: this.siteName, identity, secret: secrets.of(identity) });
  }

  private server(server: PlacedServer, role: MachineRole): void {
    const { network, userData } = this.props;
    const { image, machineType, architecture = "amd64" } = this.servers;
    const instance = new Instance(server.scope, "Machine", {
      ami: image ?? this.site.images[architecture],
      instanceType: machineType,
      subnetId: network.subnetId(server.zone),
      vpcSecurityGroupIds: network.securityGroupIds,
      associatePublicIpAddress: network.hasPublicAddresses,
      iamInstanceProfile: role.profileName,
      metadataOptions: metadataOptions(false),
      maintenanceOptions: { autoRecovery: "default" },
      rootBlockDevice: {
        volumeType: "gp3",
        volumeSize: ROOT_VOLUME_GIB,
        encrypted: true,
        deleteOnTermination: true,
        tags: this.tags(`${server.name}-root`),
      },
      userDataBase64: given(userData, server.name),
      tags: this.tags(server.name),
      lifecycle: { ignoreChanges: [...LEFT_ALONE] },
      dependsOn: [...network.ready, ...role.ready],
    });
    const attachment = new VolumeAttachment(server.scope, "Attachment", {
      deviceName: DATA_DEVICE,
      instanceId: instance.id,
      volumeId: this.dataVolume(server).id,
      // A clean unmount; a file system that is cut off has to be repaired.
      stopInstanceBeforeDetaching: true,
    });
    this.machines.push({ name: server.name, instance, attachment });
  }

  private dataVolume({ name, zone, scope }: PlacedServer): EbsVolume {
    const isProtected = this.servers.disposable === undefined;
    return new EbsVolume(scope, "Data", {
      availabilityZone: zone,
      size: this.servers.dataVolumeGiB ?? 40,
      type: "gp3",
      encrypted: true,
      // Terraform forgets the protection together with a deleted line; the snapshot remains.
      finalSnapshot: isProtected,
      tags: this.tags(`${name}-data`),
      ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
    });
  }

  private tags(name: string) {
    return tagsFor(this.props.fleet, this.siteName, name, { role: "server", region: this.props.region });
  }
}

/** A server's machine, and what gives it its data. */
export interface AwsServer {
  readonly name: string;
  readonly instance: Instance;
  readonly attachment: VolumeAttachment;
}

interface PlacedServer {
  readonly name: string;
  readonly zone: string;
  readonly scope: Construct;
}
