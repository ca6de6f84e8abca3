import type { Construct } from "constructs";
import { stackNames } from "../model/names";
import { FleetStack, type FleetStackProps } from "./base";
import type { Workloads } from "./program";
import { enterRegion } from "./region";

/** A region's workloads: the stack that changes daily. */
export class JobsStack extends FleetStack {
  constructor(scope: Construct, region: string, props: FleetStackProps & { readonly workloads?: Workloads }) {
    super(scope, stackNames.jobs(props.fleet.name, region), props);
    const { fleet, workloads } = props;
    const pools = Object.keys(fleet.pools).filter((name) => fleet.pools[name]?.region === region);
    enterRegion(this, region, props, [
      ...Object.keys(fleet.namespaces ?? {}).map((name) => `namespace/${name}`),
      ...pools.map((name) => `node-pool/${name}`),
    ]);
    workloads?.[region]?.(this);
  }
}
