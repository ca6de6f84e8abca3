import { Construct } from "constructs";
import { given } from "../given";
import { AwsPool } from "./pool";
import type { AwsNetwork } from "./network";
import type { AwsSecrets } from "./secrets";
import type { AwsSiteProps } from "./site";

export interface AwsPoolsProps extends AwsSiteProps {
  readonly network: AwsNetwork;
  readonly secrets: AwsSecrets;
  /** User data by pool, as EC2 takes it: the machine bundle. */
  readonly userData: Readonly<Record<string, string>>;
}

/** The pools of a site. */
export class AwsPools extends Construct {
  constructor(scope: Construct, id: string, { userData, ...props }: AwsPoolsProps) {
    super(scope, id);
    for (const [name, { site }] of Object.entries(props.fleet.pools))
      if (site === props.site) new AwsPool(this, name, { ...props, pool: name, userData: given(userData, name) });
  }
}
