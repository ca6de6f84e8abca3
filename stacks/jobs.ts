import type { Construct } from "constructs";
import { stackNames } from "../model/names";
import { FleetStack, type FleetStackProps } from "./base";
import type { Workloads } from "./program";
import { enterRegion, replicatedTo } from "./region";

/** A region's workloads: the stack that changes daily. */
export class JobsStack extends FleetStack {
  constructor(scope: Construct, region: string, props: FleetStackProps & { readonly workloads?: Workloads }) {
    super(scope, stackNames.jobs(props.fleet.name, region), props);
    enterRegion(this, region, props, replicatedTo(props.fleet, region));
    props.workloads?.[region]?.(this);
  }
}
