import type { Construct } from "constructs";
import { regionOf, stackNames } from "../model/names";
import { NomadSchedulerConfig } from "../constructs/nomad/scheduler-config";
import { FleetStack, type FleetStackProps } from "./base";
import { enterRegion } from "./region";

/** What a region's jobs stand on: scheduler settings, later CSI plugins and volumes. */
export class StorageStack extends FleetStack {
  constructor(scope: Construct, region: string, props: FleetStackProps) {
    super(scope, stackNames.storage(props.fleet.name, region), props);
    const { scheduler } = regionOf(props.fleet, region);
    enterRegion(this, region, props, []);
    new NomadSchedulerConfig(this, "Scheduler", {
      algorithm: scheduler?.algorithm,
      memoryOversubscription: scheduler?.memoryOversubscription,
    });
  }
}
