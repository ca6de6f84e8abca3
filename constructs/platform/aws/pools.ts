import { Construct } from "constructs";
import { AwsPool } from "./pool";
import type { AwsNetwork } from "./network";
import type { AwsSecrets } from "./secrets";
import type { AwsSiteProps } from "./site";

export interface AwsPoolsProps extends AwsSiteProps {
  readonly network: AwsNetwork;
  readonly secrets: AwsSecrets;
  /** User data by pool: the machine bundle. At most 16 KiB each. */
  readonly userData: Readonly<Record<string, string>>;
}

/** The pools of a site. */
export class AwsPools extends Construct {
  constructor(scope: Construct, id: string, { userData, ...props }: AwsPoolsProps) {
    super(scope, id);
    for (const [name, { site }] of Object.entries(props.fleet.pools))
      if (site === props.site) new AwsPool(this, name, { ...props, pool: name, userData: userData[name] });
  }
}
