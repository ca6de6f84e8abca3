import { Construct } from "constructs";
import { clientIdentity, type MachineIdentity, serverIdentity, tagsOf } from "../../model/identities";
import { tokenIssuer } from "../../model/join-rules";
import { siteOf } from "../../model/names";
import type { JoinMethod } from "../../model/tailnet-types";
import type { Fleet } from "../../model/types";
import { AssumptionError } from "../core/problems";
import { FederatedIdentity } from "./federated-identity";
import { TailnetProvider } from "./provider";

/** Machines that their cloud vouches for. */
export type FederatedMachines = MachineIdentity & {
  readonly join: JoinMethod & { readonly kind: "workload-identity" };
};

/** Identities of a site's servers and pools in service that join by workload identity. */
export function federatedMachines(fleet: Fleet, site: string): readonly FederatedMachines[] {
  if (siteOf(fleet, site).retired !== undefined) return [];
  const isHere = ([, { site: home, retired }]: [string, Home]) => home === site && retired === undefined;
  const identities: readonly MachineIdentity[] = [
    ...Object.entries(fleet.regions)
      .filter(isHere)
      .map(([region]) => serverIdentity(fleet, region)),
    ...Object.entries(fleet.pools)
      .filter(isHere)
      .map(([pool]) => clientIdentity(fleet, pool)),
  ];
  return identities.filter((identity): identity is FederatedMachines => identity.join.kind === "workload-identity");
}

interface Home {
  readonly site: string;
  readonly retired?: object;
}

export interface JoinIdentitiesProps {
  readonly fleet: Fleet;
  readonly site: string;
  /**
   * Subject of the tokens of machines for which the fleet names none, by their identity.
   *
   * @default - the fleet names all
   */
  readonly subjectOf?: (identity: MachineIdentity) => string;
}

/**
 * What the tailnet must know of a site's machines before they join by workload identity: one federated identity for each
 * {@link federatedMachines}. Makes nothing where there are none.
 */
export class JoinIdentities extends Construct {
  private readonly byName = new Map<string, FederatedIdentity>();

  constructor(scope: Construct, id: string, { fleet, site, subjectOf }: JoinIdentitiesProps) {
    super(scope, id);
    const machines = federatedMachines(fleet, site);
    if (machines.length === 0) return;
    new TailnetProvider(this, "tailscale");
    for (const identity of machines) {
      const { name, join } = identity;
      const issuer = tokenIssuer(siteOf(fleet, site), join);
      if (issuer === undefined) throw new AssumptionError(`${name} has no issuer in a validated fleet`);
      const { claims } = join;
      const subject = join.subject ?? subjectOf?.(identity);
      if (subject === undefined) throw new AssumptionError(`${name} has no subject in a validated fleet`);
      this.byName.set(
        name,
        new FederatedIdentity(this, name, {
          issuer,
          subject,
          claims,
          tags: tagsOf(identity),
          description: `Joins ${name}`,
        }),
      );
    }
  }

  /** What machines of an identity join with; undefined where they join in another way. Shape of a name: `client-gpu`. */
  public of(identity: string): FederatedIdentity | undefined {
    return this.byName.get(identity);
  }
}
