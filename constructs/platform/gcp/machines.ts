import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { clientIdentity, type MachineIdentity, serverIdentity } from "../../../model/identities";
import { serverNames } from "../../../model/names";
import type { PublicTrust } from "../../../model/trust";
import { AssumptionError, assertValid, type Problem } from "../../core/problems";
import { serverBundle } from "../../machine/bundle";
import type { JoinClient, UserData } from "../../machine/user-data";
import type { JoinIdentities } from "../../tailnet/join-identities";
import { bundleDigests, Delivery } from "../delivery";
import { generationOf } from "../secrets-gate";
import { GcpExternalAccess } from "./access";
import { GcpBackups } from "./backups";
import { gcpConnection } from "./connection";
import type { MachineAccount } from "./machine-account";
import { GcpNetwork } from "./network";
import { GcpPools } from "./pools";
import { GcpSecrets } from "./secrets";
import { GcpServers } from "./servers";
import { type GcpSiteProps, gcpSiteOf } from "./site";
import { type GcpStartup, startupProblems, startupScript } from "./startup";

export interface GcpMachinesProps extends GcpSiteProps {
  /** @default - none yet: generation 0 and unknown host keys, which no apply accepts */
  readonly trust?: PublicTrust;
  /** What machines join the tailnet with that their cloud vouches for. */
  readonly join: JoinIdentities;
  /** What machines run at every boot. */
  readonly startup: GcpStartup;
}

/**
 * A site on Google Cloud: its network, secrets, servers and pools. Pools are born with their bundle; servers take it over SSH, by
 * their name in the tailnet, one after the other.
 */
export class GcpMachines extends Construct {
  private readonly problems: Problem[] = [];
  private readonly accounts = new Map<string, MachineAccount>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpMachinesProps,
  ) {
    super(scope, id);
    const { fleet, site } = props;
    const { project, gcpRegion } = gcpSiteOf(props);
    new GoogleProvider(this, "google", { project, region: gcpRegion });
    const secrets = new GcpSecrets(this, "Secrets", props);
    const network = new GcpNetwork(this, "Network", props);
    const regions = Object.keys(fleet.regions).filter((region) => fleet.regions[region]?.site === site);
    for (const region of regions) {
      const startupScripts = this.serverScripts(region);
      const servers = new GcpServers(this, `Servers-${region}`, { fleet, region, network, secrets, startupScripts });
      if (servers.account !== undefined) this.accounts.set(serverIdentity(fleet, region).name, servers.account);
      this.deliver(region, servers);
      new GcpBackups(this, `Backups-${region}`, { fleet, region, account: servers.account });
      new GcpExternalAccess(this, `Access-${region}`, { fleet, region, network, servers });
    }
    const pools = new GcpPools(this, "Pools", { fleet, site, network, secrets, startupScripts: this.poolScripts() });
    for (const { identity, account } of pools.pools) this.accounts.set(identity.name, account);
    assertValid(`fleet ${fleet.name}`, this.problems);
    secrets.gate.guard(TerraformStack.of(this));
  }

  /** Who machines of an identity are in Google Cloud. @throws AssumptionError for those of another site, and retired servers. */
  public accountOf(identity: MachineIdentity): MachineAccount {
    const account = this.accounts.get(identity.name);
    if (account === undefined) throw new AssumptionError(`${identity.name} has no service account here`);
    return account;
  }

  private serverScripts(region: string): Record<string, string> {
    const { fleet, startup, trust } = this.props;
    const options = { ...this.joinClient(serverIdentity(fleet, region).name), generation: generationOf(trust) };
    return Object.fromEntries(
      serverNames(fleet, region).map((host) => [
        host,
        this.checked(`regions.${region}.servers`, startup.server(fleet, region, { host, ...options })),
      ]),
    );
  }

  private poolScripts(): Record<string, string> {
    const { fleet, site, startup, trust } = this.props;
    return Object.fromEntries(
      Object.keys(fleet.pools)
        .filter((pool) => fleet.pools[pool]?.site === site)
        .map((pool) => {
          const options = { ...this.joinClient(clientIdentity(fleet, pool).name), generation: generationOf(trust) };
          return [pool, this.checked(`pools.${pool}`, startup.pool(fleet, pool, options))];
        }),
    );
  }

  private joinClient(identity: string): { joinClient?: JoinClient } {
    const found = this.props.join.of(identity);
    return found === undefined ? {} : { joinClient: { id: found.clientId, audience: found.audience } };
  }

  private checked(path: string, script: UserData): string {
    this.problems.push(...startupProblems(path, script));
    return startupScript(script);
  }

  private deliver(region: string, { machines }: GcpServers): void {
    const { fleet, trust } = this.props;
    const bundle = serverBundle(fleet, region);
    const digests = bundleDigests(bundle);
    let previous: Delivery[] = [];
    for (const { name, instance } of machines)
      previous = [
        new Delivery(new Construct(this, name), "Delivery", {
          bundle,
          digests,
          host: name,
          connection: gcpConnection(this.props, name, trust),
          generation: generationOf(trust),
          last: name === machines.at(-1)?.name,
          // Its id is made of names, and so the same after a replacement.
          triggers: { machine: instance.instanceId },
          dependsOn: [instance, ...previous],
        }),
      ];
  }
}
