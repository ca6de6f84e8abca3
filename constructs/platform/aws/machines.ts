import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { clientIdentity, serverIdentity } from "../../../model/identities";
import { serverNames } from "../../../model/names";
import type { PublicTrust } from "../../../model/trust";
import { assertValid, type Problem } from "../../core/problems";
import { serverBundle } from "../../machine/bundle";
import { type JoinClient, poolUserData, serverUserData, type UserData } from "../../machine/user-data";
import { userDataProblems } from "../../machine/user-data-size";
import type { JoinIdentities } from "../../tailnet/join-identities";
import { bundleDigests, Delivery } from "../delivery";
import { generationOf } from "../secrets-gate";
import { AwsExternalAccess } from "./access";
import { awsConnection } from "./connection";
import { AwsBackups } from "./backups";
import { AwsNetwork } from "./network";
import { AwsPools } from "./pools";
import { AwsSecrets } from "./secrets";
import { AwsServers } from "./servers";
import { type AwsSiteProps, awsSiteOf } from "./site";
import { ec2UserData } from "./user-data";

export interface AwsMachinesProps extends AwsSiteProps {
  /** @default - none yet: generation 0 and unknown host keys, which no apply accepts */
  readonly trust?: PublicTrust;
  /** What machines join the tailnet with that their cloud vouches for. */
  readonly join: JoinIdentities;
}

/**
 * A site on AWS: its network, secrets, servers and pools. Pools are born with their bundle; servers take it over SSH, by their
 * name in the tailnet, one after the other.
 */
export class AwsMachines extends Construct {
  private readonly problems: Problem[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsMachinesProps,
  ) {
    super(scope, id);
    const { fleet, site } = props;
    new AwsProvider(this, "aws", { region: awsSiteOf(props).awsRegion });
    const secrets = new AwsSecrets(this, "Secrets", props);
    const network = new AwsNetwork(this, "Network", props);
    const regions = Object.keys(fleet.regions).filter((region) => fleet.regions[region]?.site === site);
    for (const region of regions) {
      const userData = this.serverUserData(region);
      const servers = new AwsServers(this, `Servers-${region}`, { fleet, region, network, secrets, userData });
      this.deliver(region, servers);
      new AwsBackups(this, `Backups-${region}`, { fleet, region, role: servers.role });
      new AwsExternalAccess(this, `Access-${region}`, { fleet, region, network, servers });
    }
    new AwsPools(this, "Pools", { ...props, network, secrets, userData: this.poolUserData() });
    assertValid(`fleet ${fleet.name}`, this.problems);
    secrets.gate.guard(TerraformStack.of(this));
  }

  private serverUserData(region: string): Record<string, string> {
    const { fleet } = this.props;
    const join = this.joinClient(serverIdentity(fleet, region).name);
    return Object.fromEntries(
      serverNames(fleet, region).map((host) => [
        host,
        this.packed(`regions.${region}.servers`, host, serverUserData(fleet, region, { host, ...join })),
      ]),
    );
  }

  private poolUserData(): Record<string, string> {
    const { fleet, site, trust } = this.props;
    return Object.fromEntries(
      Object.keys(fleet.pools)
        .filter((pool) => fleet.pools[pool]?.site === site)
        .map((pool) => {
          const options = { ...this.joinClient(clientIdentity(fleet, pool).name), generation: generationOf(trust) };
          return [pool, this.packed(`pools.${pool}`, pool, poolUserData(fleet, pool, options))];
        }),
    );
  }

  private joinClient(identity: string): { joinClient?: JoinClient } {
    const found = this.props.join.of(identity);
    return found === undefined ? {} : { joinClient: { id: found.clientId, audience: found.audience } };
  }

  private packed(path: string, name: string, userData: UserData): string {
    this.problems.push(...userDataProblems(path, userData));
    return ec2UserData(this, `UserData-${name}`, userData);
  }

  private deliver(region: string, { machines }: AwsServers): void {
    const { fleet, trust } = this.props;
    const bundle = serverBundle(fleet, region);
    const digests = bundleDigests(bundle);
    let previous: Delivery[] = [];
    for (const { name, instance, attachment } of machines)
      previous = [
        new Delivery(new Construct(this, name), "Delivery", {
          bundle,
          digests,
          host: name,
          connection: awsConnection(this.props, name, trust),
          generation: generationOf(trust),
          last: name === machines.at(-1)?.name,
          triggers: { machine: instance.id },
          dependsOn: [attachment, ...previous],
        }),
      ];
  }
}
