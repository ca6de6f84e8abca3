import { clientIdentity, identitiesOf, tagsOf } from "../../../model/identities";
import { tags } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import type { AccessTest, GrantRule, PolicyFile } from "../language/policy-file";
import { parseSubject } from "../language/subjects";
import { canReach } from "../reach/can-reach";
import { compilePolicy } from "../reach/compile";
import { type Claim, promises, testsOf } from "./claims";
import { type Denial, denials, standing } from "./denials";
import { isTestable } from "./dialect";
import type { Reasoned } from "./reasoned";

/** Grants by who asks for them. */
export interface Grants {
  /** What Nomad needs to work. */
  readonly base: readonly Reasoned<GrantRule>[];
  /** What the fleet declares: services, metrics, disks, LAN hosts, extra grants. */
  readonly declared: readonly Reasoned<GrantRule>[];
}

/**
 * Tests from the same source as the rules: every pair that is granted must be open, and what nobody asked for must be
 * closed.
 *
 * What the fleet declares is open on purpose, so no claim is made against it. A rule that Nomad's own needs brought is not
 * excused: a claim that it breaks stops synthesis.
 *
 * @see https://tailscale.com/kb/1337/policy-syntax#tests
 */
export function accessTests(
  fleet: Fleet,
  { base, declared }: Grants,
  names: Pick<PolicyFile, "groups" | "hosts" | "tagOwners">,
): Reasoned<AccessTest>[] {
  const isSource = (subject: string) => isTestable(fleet, subject);
  const isDestination = (subject: string) => ["tag", "host"].includes(parseSubject(subject).kind);
  const devices = identitiesOf(fleet).map((identity) => ({ tags: tagsOf(identity) }));
  const compiled = (grants: readonly Reasoned<GrantRule>[]) =>
    compilePolicy({ ...names, grants: grants.map(({ rule }) => rule) }, { devices });
  const [onPurpose, all] = [compiled(declared), compiled([...base, ...declared])];
  const isClosed = ({ src, dst, proto, port }: Claim) => {
    // A person may be an operator as well, and who operates reaches more than who calls.
    const { verdict, partly } = canReach(src.startsWith("tag:") ? onPurpose : all, src, dst, proto, port);
    return verdict === "closed" && partly.length === 0;
  };
  const wanted = denials(fleet).filter(({ src }: Denial) => isSource(src));
  return testsOf([
    ...ownServers(fleet),
    ...promises([...base, ...declared], isSource, isDestination),
    ...standing(wanted, isClosed),
  ]);
}

/** Each pool reaches the servers that it registers with, whatever tags its region's rule names. */
function ownServers(fleet: Fleet): Claim[] {
  return Object.keys(fleet.pools).map((pool) => ({
    kind: "accept",
    src: tags.pool(pool),
    proto: "tcp",
    dst: tags.regionServer(clientIdentity(fleet, pool).region),
    port: 4647,
  }));
}
