import { Construct } from "constructs";
import { given } from "../given";
import type { GcpNetwork } from "./network";
import { GcpPool } from "./pool";
import type { GcpSecrets } from "./secrets";
import type { GcpSiteProps } from "./site";

export interface GcpPoolsProps extends GcpSiteProps {
  readonly network: GcpNetwork;
  readonly secrets: GcpSecrets;
  /** Startup script by pool: the machine bundle. */
  readonly startupScripts: Readonly<Record<string, string>>;
}

/** The pools of a site. */
export class GcpPools extends Construct {
  public readonly pools: GcpPool[] = [];

  constructor(scope: Construct, id: string, { startupScripts, ...props }: GcpPoolsProps) {
    super(scope, id);
    for (const [name, { site }] of Object.entries(props.fleet.pools))
      if (site === props.site)
        this.pools.push(new GcpPool(this, name, { ...props, pool: name, startupScript: given(startupScripts, name) }));
  }
}
