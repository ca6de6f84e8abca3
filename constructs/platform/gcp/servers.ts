import { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import { externalAccessOf } from "../../../model/access";
import { serverZones } from "../../../model/cloud-servers";
import { hasGpus } from "../../../model/gcp-gpus";
import { gcpDiskType } from "../../../model/gcp-machine-types";
import { GCP_DATA_DEVICE, gcpAccessName, gcpDataDiskName, gcpSnapshotPrefix } from "../../../model/gcp-names";
import type { GcpSite } from "../../../model/gcp-types";
import { serverIdentity } from "../../../model/identities";
import { regionOf, serverNames } from "../../../model/names";
import type { CloudServers, Fleet } from "../../../model/types";
import { AssumptionError } from "../../core/problems";
import { given } from "../given";
import { labelsFor } from "./labels";
import { MachineAccount } from "./machine-account";
import { machineMetadata, scheduling, shieldedConfig, STARTUP_SCRIPT } from "./machine-options";
import type { GcpNetwork } from "./network";
import type { GcpSecrets } from "./secrets";
import { gcpSiteOf } from "./site";

/** Boot disk of a server, GiB: system and logs; images of the usual distributions fit. */
const BOOT_DISK_GIB = 30;

export interface GcpServersProps {
  readonly fleet: Fleet;
  /** A region whose home site is on Google Cloud. */
  readonly region: string;
  readonly network: GcpNetwork;
  readonly secrets: GcpSecrets;
  /** Startup script by server: how it joins the tailnet and mounts its data disk. */
  readonly startupScripts: Readonly<Record<string, string>>;
}

/**
 * A region's servers: one instance each, with a name and a data disk of its own that survives it. Image, startup script and
 * machine type of a server that exists are left alone; it is replaced on purpose, one at a time, and gets what the fleet says then.
 *
 * Which zone a server is in follows from the site's zones unless the fleet says it. A server that would move is refused by the
 * protection of its data.
 */
export class GcpServers extends Construct {
  /** Servers in service, in order. */
  public readonly machines: GcpServer[] = [];
  /** Who they are in Google Cloud. Undefined where they are retired. */
  public readonly account?: MachineAccount;
  private readonly servers: CloudServers;
  private readonly site: GcpSite;
  private readonly siteName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpServersProps,
  ) {
    super(scope, id);
    const { fleet, region } = props;
    const { servers, site, retired } = regionOf(fleet, region);
    if ("hosts" in servers) throw new AssumptionError(`region ${region} has hosts of its own`);
    this.servers = servers;
    this.siteName = site;
    this.site = gcpSiteOf({ fleet, site });
    const retirement = retired ?? this.site.retired;
    if (retirement === undefined) {
      this.account = this.machineAccount();
      for (const server of this.inZones()) this.server(server, this.account);
    } else if (retirement.keepData ?? true) for (const server of this.inZones()) this.dataDisk(server);
  }

  private inZones(): PlacedServer[] {
    const zones = serverZones(this.servers, this.site.zones);
    return serverNames(this.props.fleet, this.props.region).map((name, index) => ({
      name,
      zone: zones[index] as string,
      scope: new Construct(this, name),
    }));
  }

  private machineAccount(): MachineAccount {
    const { fleet, region, secrets } = this.props;
    const identity = serverIdentity(fleet, region);
    return new MachineAccount(this, "Account", { fleet, site: this.siteName, identity, secret: secrets.of(identity) });
  }

  private server(server: PlacedServer, account: MachineAccount): void {
    const { network, startupScripts } = this.props;
    const { image, machineType, architecture = "amd64" } = this.servers;
    const kind = { hasGpus: hasGpus(machineType) };
    const instance = new ComputeInstance(server.scope, "Machine", {
      project: this.site.project,
      zone: server.zone,
      name: server.name,
      machineType,
      bootDisk: {
        initializeParams: {
          image: image ?? this.site.images[architecture],
          size: BOOT_DISK_GIB,
          type: gcpDiskType(machineType),
          labels: this.labels(),
        },
      },
      attachedDisk: [{ source: this.dataDisk(server).id, deviceName: GCP_DATA_DEVICE, mode: "READ_WRITE" }],
      networkInterface: network.interfaces(),
      tags: this.networkTags(),
      serviceAccount: account.onMachine(),
      scheduling: scheduling(kind),
      shieldedInstanceConfig: shieldedConfig(kind),
      metadata: machineMetadata(this.site, given(startupScripts, server.name)),
      labels: this.labels(),
      // A change that stops a machine would stop all at once: it fails instead.
      allowStoppingForUpdate: false,
      lifecycle: {
        // What its boot disk was made with cannot change without the machine: neither image nor labels.
        ignoreChanges: ["boot_disk[0].initialize_params", `metadata["${STARTUP_SCRIPT}"]`, "machine_type"],
      },
      dependsOn: [...network.ready, ...account.ready],
    });
    this.machines.push({ name: server.name, zone: server.zone, instance });
  }

  private networkTags(): string[] {
    const { fleet, region, network } = this.props;
    const isOpen = externalAccessOf(fleet, region) !== undefined;
    return [network.networkTag, ...(isOpen ? [gcpAccessName(fleet.name, region)] : [])];
  }

  private dataDisk({ name, zone, scope }: PlacedServer): ComputeDisk {
    const isProtected = this.servers.disposable === undefined;
    return new ComputeDisk(scope, "Data", {
      project: this.site.project,
      zone,
      name: gcpDataDiskName(name),
      size: this.servers.dataVolumeGiB ?? 40,
      type: gcpDiskType(this.servers.machineType),
      labels: this.labels(),
      // Terraform forgets the protection together with a deleted line; the snapshot remains.
      createSnapshotBeforeDestroy: isProtected,
      ...(isProtected ? { createSnapshotBeforeDestroyPrefix: gcpSnapshotPrefix(name) } : {}),
      ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
    });
  }

  private labels() {
    const { fleet, region } = this.props;
    return labelsFor({ fleet, site: this.siteName }, { role: "server", region });
  }
}

/** A server's machine. */
export interface GcpServer {
  readonly name: string;
  readonly zone: string;
  readonly instance: ComputeInstance;
}

interface PlacedServer {
  readonly name: string;
  readonly zone: string;
  readonly scope: Construct;
}
