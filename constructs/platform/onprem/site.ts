import { Construct } from "constructs";
import type { PublicTrust } from "../../../model/trust";
import type { Fleet, OnPremSite, Retirement } from "../../../model/types";
import { type SshConnection, TerraformData } from "../../core/terraform-data";
import { clientBundle, type MachineBundle, serverBundle } from "../../machine/bundle";
import { paths } from "../../machine/paths";
import { asRoot, bundleDigests, Delivery, type Digests, run } from "../delivery";
import { generationOf, SecretsGate } from "../secrets-gate";
import { connectionTo } from "./connection";

export interface OnPremMachinesProps {
  readonly fleet: Fleet;
  readonly site: string;
  /** @default - none yet: generation 0 and unknown host keys, which no apply accepts */
  readonly trust?: PublicTrust;
}

/**
 * Puts the machine bundle onto the machines of an on-prem site over SSH. A stable resource stands for each machine; beside
 * it a delivery is replaced whenever bundle or trust change, one server of a region after the other.
 */
export class OnPremMachines extends Construct {
  private readonly site: OnPremSite;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: OnPremMachinesProps,
  ) {
    super(scope, id);
    const { fleet } = props;
    const site = fleet.sites[props.site];
    if (site?.platform !== "onprem") throw new RangeError(`site ${props.site} is not on-prem`);
    this.site = site;
    const groups = this.groups();
    const gate = this.secretsGate(groups);
    for (const group of groups) this.deliver(group, gate);
  }

  /** Servers of a region that lives here, or the machines of a pool here: delivered one after the other. */
  private groups(): MachineGroup[] {
    const { fleet, site } = this.props;
    const servers = Object.entries(fleet.regions).flatMap(([name, region]) =>
      region.site === site && "hosts" in region.servers
        ? [{ bundle: serverBundle(fleet, name), hosts: region.servers.hosts, retired: region.retired }]
        : [],
    );
    const pools = Object.entries(fleet.pools).flatMap(([name, pool]) =>
      pool.site === site && pool.hosts !== undefined
        ? [{ bundle: clientBundle(fleet, name), hosts: pool.hosts, retired: pool.retired }]
        : [],
    );
    return [...servers, ...pools].map((group) => ({
      ...group,
      retired: group.retired ?? this.site.retired,
      digests: bundleDigests(group.bundle),
    }));
  }

  private secretsGate(groups: readonly MachineGroup[]): SecretsGate {
    return new SecretsGate(this, "Secrets", {
      identities: groups.map(({ bundle }) => bundle.identity),
      triggers: [...groups.map(({ digests }) => digests["bundle"] ?? ""), this.generation()],
    });
  }

  private deliver(group: MachineGroup, gate: TerraformData): void {
    const active = group.hosts.filter((host) => this.retirementOf(group, host) === undefined);
    let previous = gate;
    for (const host of active) previous = this.deliverTo(group, host, { gate, previous, last: host === active.at(-1) });
    for (const host of group.hosts) {
      const retired = this.retirementOf(group, host);
      if (retired !== undefined) previous = this.retire(host, retired, previous);
    }
  }

  private retirementOf(group: MachineGroup, host: string): Retirement | undefined {
    return this.site.hosts[host]?.retired ?? group.retired;
  }

  private deliverTo(group: MachineGroup, host: string, { gate, previous, last }: Turn): TerraformData {
    const { bundle, digests } = group;
    const connection = this.connection(host);
    const machine = new Construct(this, host);
    const stable = new TerraformData(machine, "Machine", {
      input: { host, address: connection.host, identity: bundle.identity.name },
      dependsOn: [gate],
    });
    return new Delivery(machine, "Delivery", {
      bundle,
      digests,
      host,
      connection,
      generation: generationOf(this.props.trust),
      last,
      dependsOn: [stable, previous],
    });
  }

  private retire(host: string, retired: Retirement, after: TerraformData): TerraformData {
    const machine = new Construct(this, host);
    return new TerraformData(machine, "Retirement", {
      input: { host, reason: retired.reason },
      dependsOn: [after],
      provisioners: [
        run(this.connection(host), [
          `[ ! -x ${paths.library}/remove ] || ${asRoot}${paths.library}/remove ${(retired.keepData ?? true) ? "keep-data" : "delete-data"}`,
        ]),
      ],
    });
  }

  private connection(host: string): SshConnection {
    return connectionTo(this.props.fleet, this.props.site, host, this.props.trust);
  }

  private generation(): string {
    return `generation ${generationOf(this.props.trust)}`;
  }
}

/** A machine's place in the row of deliveries. */
interface Turn {
  readonly gate: TerraformData;
  readonly previous: TerraformData;
  readonly last: boolean;
}

interface MachineGroup {
  readonly bundle: MachineBundle;
  readonly hosts: readonly string[];
  readonly retired: Retirement | undefined;
  readonly digests: Digests;
}
