import type { Construct } from "constructs";
import { authoritativeRegion, stackNames } from "../model/names";
import { NomadNamespace } from "../constructs/nomad/namespace";
import { NomadNodePool } from "../constructs/nomad/node-pool";
import { FleetStack, type FleetStackProps } from "./base";
import { enterRegion } from "./region";

/** Objects that federation replicates from the authoritative region: namespaces and node pools. */
export class ControlStack extends FleetStack {
  constructor(scope: Construct, props: FleetStackProps) {
    super(scope, stackNames.control(props.fleet.name), props);
    const { fleet } = props;
    enterRegion(this, authoritativeRegion(fleet), props, []);
    for (const [name, namespace] of Object.entries(fleet.namespaces ?? {}))
      new NomadNamespace(this, `namespace-${name}`, { name, ...namespace });
    for (const [name, pool] of Object.entries(fleet.pools))
      new NomadNodePool(this, `node-pool-${name}`, {
        name,
        description: pool.description,
        schedulerAlgorithm: pool.schedulerAlgorithm,
      });
  }
}
