import { clientIdentity, serverIdentity, tagsOf } from "../../../model/identities";
import { machinesOf } from "../../../model/machines";
import { tags } from "../../../model/names";
import { DYNAMIC_PORTS } from "../../../model/service-rules";
import type { LanService, ServiceProtocol } from "../../../model/tailnet-types";
import type { Fleet, Service } from "../../../model/types";
import { parseSubject } from "../language/subjects";
import type { PolicyFile } from "../language/policy-file";
import type { ReachSubject } from "./can-reach";

/** One protocol and port. */
export interface Endpoint {
  readonly protocol: string;
  readonly port: number;
}

/** What a name stands for. */
export interface NamedSubjects {
  /** What it is, in words: `pool edge`. */
  readonly text: string;
  /** Machines or subjects of the policy, each with its name; each is a question of its own. */
  readonly subjects: readonly { readonly text: string; readonly subject: ReachSubject }[];
  /** What a service listens on: each protocol with the first and last of its ports. @default - any */
  readonly endpoints?: readonly Endpoint[];
}

/**
 * What a name means in a fleet: a machine, pool or service, a host of a LAN or what it offers (`nas.nfs`), `servers`,
 * `operators`, or a subject as the policy writes it. `pool:edge`, `machine:…`, `service:…` choose among equal names.
 *
 * @returns all meanings; none where nobody knows the name.
 */
export function meaningsOf(fleet: Fleet, policy: PolicyFile, name: string): readonly NamedSubjects[] {
  const [, kind, bare = name] = /^(machine|pool|service):(.+)$/.exec(name) ?? [];
  const wanted = (each: string) => kind === undefined || kind === each;
  const found = [
    ...(wanted("machine") ? machine(fleet, bare) : []),
    ...(wanted("pool") && fleet.pools[bare] !== undefined ? [pools(fleet, `pool ${bare}`, [bare])] : []),
    ...(wanted("service") ? services(fleet, bare) : []),
  ];
  if (kind !== undefined || found.length > 0) return found;
  if (name === "servers") return [servers(fleet)];
  if (name === "operators") return [operators(fleet)];
  const parsed = parseSubject(name);
  const sections = { host: policy.hosts, tag: policy.tagOwners };
  const isKnown =
    parsed.kind === "host" || parsed.kind === "tag"
      ? sections[parsed.kind]?.[name] !== undefined
      : parsed.kind !== "invalid";
  return isKnown ? [{ text: name, subjects: [{ text: name, subject: name }] }] : [];
}

/** Names that a question may use beside those that the policy knows. */
export function fleetNames(fleet: Fleet): readonly string[] {
  const lan = lanServices(fleet).map(([name]) => name);
  const machines = machinesOf(fleet).map(({ name }) => name);
  return [
    ...Object.keys(fleet.pools),
    ...Object.keys(fleet.services ?? {}),
    ...lan,
    "servers",
    "operators",
    ...machines,
  ];
}

function machine(fleet: Fleet, name: string): NamedSubjects[] {
  const found = machinesOf(fleet).find((each) => each.name === name);
  if (found === undefined) return [];
  const text = `machine ${name}`;
  return [{ text, subjects: [{ text, subject: { name, tags: tagsOf(found.identity) } }] }];
}

function pools(fleet: Fleet, text: string, names: readonly string[]): NamedSubjects {
  const subjects = names.map((pool) => ({
    text: `pool ${pool}`,
    subject: { name: `pool ${pool}`, tags: tagsOf(clientIdentity(fleet, pool)) },
  }));
  return { text, subjects };
}

function services(fleet: Fleet, name: string): NamedSubjects[] {
  const service = fleet.services?.[name];
  const own =
    service === undefined
      ? []
      : [{ ...pools(fleet, `service ${name}`, service.pools), endpoints: endpointsOf(service) }];
  const lan = lanServices(fleet).filter(([each]) => each === name);
  return [
    ...own,
    ...lan.map(([, host, each]) => ({
      text: `service ${name}`,
      subjects: [{ text: host, subject: host }],
      endpoints: endpointsOf(each),
    })),
  ];
}

function lanServices(fleet: Fleet): [name: string, host: string, service: LanService][] {
  return Object.values(fleet.sites).flatMap((site) =>
    Object.entries((site.platform === "onprem" ? site.lanHosts : undefined) ?? {}).flatMap(
      ([host, { services: offered }]) =>
        Object.entries(offered).map(([name, service]): [string, string, LanService] => [
          `${host}.${name}`,
          host,
          service,
        ]),
    ),
  );
}

function servers(fleet: Fleet): NamedSubjects {
  const subjects = Object.keys(fleet.regions).map((region) => {
    const text = `servers of ${region}`;
    return { text, subject: { name: text, tags: tagsOf(serverIdentity(fleet, region)) } };
  });
  return { text: "servers", subjects };
}

function operators(fleet: Fleet): NamedSubjects {
  const names = [tags.operator, ...(fleet.tailnet.operators ?? [])];
  return { text: "operators", subjects: names.map((name) => ({ text: name, subject: name })) };
}

function endpointsOf({
  port,
  protocol = "tcp",
}: Pick<Service, "port"> & { readonly protocol?: ServiceProtocol }): Endpoint[] {
  const { from, to } = DYNAMIC_PORTS;
  const ends = port === "dynamic" ? [from, to] : String(port).split("-").map(Number);
  return protocol.split("+").flatMap((each) => [...new Set(ends)].map((number) => ({ protocol: each, port: number })));
}
