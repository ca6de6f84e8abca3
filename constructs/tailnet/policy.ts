import type { Fleet } from "../../model/types";
import { withAdopted } from "./fleet-policy/adopted";
import { clientGrants, diskGrants } from "./fleet-policy/clients";
import { extraGrants } from "./fleet-policy/extra";
import { lanHostGrants, lanHostNames, lanHostRoutes } from "./fleet-policy/lan-hosts";
import { groups, tagOwners } from "./fleet-policy/names";
import { metricsGrants, operatorGrants } from "./fleet-policy/operators";
import {
  annotated,
  type AnnotatedPolicy,
  plain,
  type ReasonedPolicy,
  type TailnetPolicy,
} from "./fleet-policy/reasoned";
import { serverGrants } from "./fleet-policy/servers";
import { serviceGrants } from "./fleet-policy/service-grants";
import { sshRules, sshTests } from "./fleet-policy/ssh";
import { accessTests } from "./fleet-policy/tests";

/**
 * The policy of a tailnet, from the fleet alone: servers federate, clients reach the servers of their own region, operators
 * reach servers and SSH, and all else is open only where the fleet declares it.
 *
 * @returns every rule with its reason.
 * @see https://tailscale.com/kb/1337/policy-syntax
 */
export function reasonedPolicy(fleet: Fleet): ReasonedPolicy {
  const base = [...serverGrants(fleet), ...clientGrants(fleet), ...operatorGrants(fleet)];
  const declared = [
    ...metricsGrants(fleet),
    ...diskGrants(fleet),
    ...serviceGrants(fleet),
    ...lanHostGrants(fleet),
    ...extraGrants(fleet),
  ];
  const names = { groups: groups(fleet), hosts: lanHostNames(fleet), tagOwners: tagOwners(fleet) };
  return {
    ...names,
    grants: [...base, ...declared],
    ssh: sshRules(fleet),
    routes: lanHostRoutes(fleet),
    tests: accessTests(fleet, { base, declared }, { groups: plain(names.groups), hosts: plain(names.hosts) }),
    sshTests: sshTests(fleet),
  };
}

/** What the fleet itself wants of its tailnet, whatever policy was there before. */
export function ownPolicy(fleet: Fleet): AnnotatedPolicy {
  return annotated(reasonedPolicy(fleet));
}

/** The policy that the tailnet of a fleet gets, with the reasons of its rules: the fleet's own, added to an adopted one. */
export function annotatedPolicy(fleet: Fleet): AnnotatedPolicy {
  const { adopted } = fleet.tailnet;
  return adopted === undefined ? ownPolicy(fleet) : withAdopted(ownPolicy(fleet), adopted);
}

/** The policy document that the tailnet of a fleet gets. */
export function tailnetPolicy(fleet: Fleet): TailnetPolicy {
  return annotatedPolicy(fleet).policy;
}
