import type { Construct } from "constructs";
import { regionOf, stackNames } from "../model/names";
import { RegionStorage } from "../constructs/storage/region-storage";
import { NomadSchedulerConfig } from "../constructs/nomad/scheduler-config";
import { FleetStack, type FleetStackProps } from "./base";
import { enterRegion, replicatedTo, serverConnection } from "./region";

/** What a region's jobs stand on: scheduler settings, CSI plugins and volumes. */
export class StorageStack extends FleetStack {
  constructor(scope: Construct, region: string, props: FleetStackProps) {
    super(scope, stackNames.storage(props.fleet.name, region), props);
    const { fleet, trust } = props;
    const { scheduler, storage } = regionOf(fleet, region);
    enterRegion(this, region, props, storage === undefined ? [] : replicatedTo(fleet, region));
    new NomadSchedulerConfig(this, "Scheduler", {
      algorithm: scheduler?.algorithm,
      memoryOversubscription: scheduler?.memoryOversubscription,
    });
    if (storage !== undefined)
      new RegionStorage(this, "Storage", { fleet, region, connection: serverConnection(fleet, region, trust) });
  }
}
