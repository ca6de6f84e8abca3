import { ComputeRegionInstanceTemplate } from "@cdktf/provider-google/lib/compute-region-instance-template";
import type { Construct } from "constructs";
import { acceleratorOf, hasGpus, takesAccelerators } from "../../../model/gcp-gpus";
import { gcpDiskType } from "../../../model/gcp-machine-types";
import type { GcpSite } from "../../../model/gcp-types";
import type { Pool } from "../../../model/types";
import { AssumptionError } from "../../core/problems";
import type { Labels } from "./labels";
import type { MachineAccount } from "./machine-account";
import { machineMetadata, scheduling, shieldedConfig } from "./machine-options";
import type { GcpNetwork } from "./network";

export interface PoolTemplateProps {
  readonly site: GcpSite;
  readonly pool: Pool;
  /** Name of the group; the template's begins with it. */
  readonly name: string;
  readonly network: GcpNetwork;
  readonly account: MachineAccount;
  /** What machines run at every boot. */
  readonly startupScript: string;
  readonly labels: Labels;
}

/** What each machine of a pool is made from. A template cannot be changed: another is made before the group leaves this one. */
export function poolTemplate(scope: Construct, id: string, props: PoolTemplateProps): ComputeRegionInstanceTemplate {
  const { site, pool, name, network, account, startupScript, labels } = props;
  const { machineType, hardware, spot = false } = pool;
  if (machineType === undefined) throw new AssumptionError(`${name} has no machine type in a validated fleet`);
  const kind = { hasGpus: hasGpus(machineType, hardware), spot };
  return new ComputeRegionInstanceTemplate(scope, id, {
    project: site.project,
    region: site.gcpRegion,
    namePrefix: `${name}-`,
    machineType,
    disk: [
      {
        boot: true,
        autoDelete: true,
        sourceImage: pool.image ?? site.images[hardware.architecture ?? "amd64"],
        diskSizeGb: pool.rootVolumeGiB ?? 100,
        diskType: gcpDiskType(machineType),
        labels,
      },
    ],
    ...accelerators(machineType, pool),
    networkInterface: network.interfaces(),
    tags: [network.networkTag],
    serviceAccount: account.onMachine(),
    scheduling: scheduling(kind),
    shieldedInstanceConfig: shieldedConfig(kind),
    metadata: machineMetadata(site, startupScript),
    labels,
    lifecycle: { createBeforeDestroy: true },
  });
}

/** GPUs beside a machine of the N1 series; other types bring theirs. */
function accelerators(machineType: string, { hardware }: Pool) {
  const accelerator = takesAccelerators(machineType) ? acceleratorOf(hardware) : undefined;
  if (accelerator === undefined) return {};
  return { guestAccelerator: [{ type: accelerator.type, count: hardware.gpu?.count ?? 0 }] };
}
