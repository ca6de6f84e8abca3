import { createHash } from "node:crypto";
import type { Problem } from "../constructs/core/problems";
import { overlaps, parseCidr, parseAddress, contains } from "./ranges";

/** A place with one network. */
export interface LabSite {
  /** Shape: lower-case letters, digits and hyphens, for example `dc-east`. */
  readonly name: string;
  /** Range of the site's LAN, for example `10.61.1.0/24`. Its first address is the gateway. */
  readonly cidr: string;
}

/** How a host that is a machine of its own is made. It has a kernel of its own, Debian's, under QEMU. */
export interface LabMachine {
  /**
   * Memory in MiB.
   *
   * @default 1024
   */
  readonly memoryMiB?: number;
  /**
   * Virtual processors.
   *
   * @default 2
   */
  readonly cpus?: number;
  /**
   * Size of the data disk, which is mounted at `/srv/data`, in GiB. The disk takes what is written to it.
   *
   * @default 8
   */
  readonly dataGiB?: number;
}

/** A host of the fleet. */
export interface LabHost {
  readonly name: string;
  /** Name of the site whose LAN the host is in. */
  readonly site: string;
  /** Address inside the site's range, without prefix length, for example `10.61.1.11`. */
  readonly address: string;
  /**
   * Makes the host a machine of its own.
   *
   * @default - a container on the kernel that runs already, which is faster and takes less
   */
  readonly machine?: LabMachine;
}

/** What a host is: a container on the kernel that runs already, or a machine with one of its own. */
export function kindOf({ machine }: LabHost): "container" | "machine" {
  return machine === undefined ? "container" : "machine";
}

/** What joins the tailnet with one auth key. */
export interface LabIdentity {
  /** Shape: as a site name, for example `server-east`. `operator` is the operator's own place. */
  readonly name: string;
  /** Tags with their prefix, for example `["tag:nomad-server"]`. At least one. */
  readonly tags: readonly string[];
  /** The control server forgets the machine when it goes offline. Never for servers. */
  readonly ephemeral: boolean;
}

/** Everything the lab needs to know of a fleet. Pure data. */
export interface LabSpec {
  readonly fleet: string;
  /** MagicDNS domain, for example `lab.internal`. */
  readonly tailnetDomain: string;
  readonly sites: readonly LabSite[];
  readonly hosts: readonly LabHost[];
  readonly identities: readonly LabIdentity[];
  /**
   * Range of the control server and the operator.
   *
   * @default "10.61.0.0/24"
   */
  readonly controlCidr?: string;
}

/** Name of the identity and of the machine from which the operator works. */
export const OPERATOR = "operator";
/** Range of the control server and the operator where the spec names none. */
export const DEFAULT_CONTROL_CIDR = "10.61.0.0/24";

const LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** Range of the control server and the operator. */
export function controlCidr(spec: LabSpec): string {
  return spec.controlCidr ?? DEFAULT_CONTROL_CIDR;
}

/** All tags that some identity carries, sorted. */
export function tagsOf(spec: LabSpec): string[] {
  return [...new Set(spec.identities.flatMap((identity) => identity.tags))].sort();
}

/** Short name of an interface: Linux allows 15 characters, so a longer name becomes a hash. */
export function linkName(prefix: string, name: string): string {
  const plain = `${prefix}-${name}`;
  if (plain.length <= 15) return plain;
  return `${prefix}-${createHash("sha256")
    .update(name)
    .digest("hex")
    .slice(0, 14 - prefix.length)}`;
}

/** Everything that is wrong with a spec, not only the first. */
export function validateLabSpec(spec: LabSpec): Problem[] {
  return [...nameProblems(spec), ...rangeProblems(spec), ...hostProblems(spec), ...identityProblems(spec)];
}

function nameProblems(spec: LabSpec): Problem[] {
  const problems: Problem[] = [];
  const check = (path: string, name: string) => {
    if (!LABEL.test(name) || name.length > 63)
      problems.push({
        path,
        rule: "must be a DNS label of at most 63 lower-case letters, digits and hyphens",
        got: name,
      });
  };
  check("fleet", spec.fleet);
  for (const [kind, list] of [
    ["sites", spec.sites],
    ["hosts", spec.hosts],
    ["identities", spec.identities],
  ] as const) {
    const seen = new Set<string>();
    list.forEach(({ name }, index) => {
      check(`${kind}[${index}].name`, name);
      if (seen.has(name)) problems.push({ path: `${kind}[${index}].name`, rule: "must be used once", got: name });
      seen.add(name);
    });
  }
  if (!spec.tailnetDomain.includes(".") || !spec.tailnetDomain.split(".").every((label) => LABEL.test(label)))
    problems.push({ path: "tailnetDomain", rule: "must be a domain of two or more labels", got: spec.tailnetDomain });
  spec.hosts.forEach((host, index) => {
    if (host.name === OPERATOR)
      problems.push({
        path: `hosts[${index}].name`,
        rule: "is the name of the operator's own machine",
        got: host.name,
      });
  });
  return problems;
}

function rangeProblems(spec: LabSpec): Problem[] {
  const ranges = [
    { path: "controlCidr", cidr: controlCidr(spec) },
    ...spec.sites.map((site) => ({ path: `sites.${site.name}.cidr`, cidr: site.cidr })),
  ];
  const problems: Problem[] = [];
  ranges.forEach(({ path, cidr }, index) => {
    const range = parseCidr(cidr);
    if (!range || range.prefix > 29) {
      problems.push({
        path,
        rule: "must be an IPv4 range of /29 or larger, written with its first address",
        got: cidr,
      });
      return;
    }
    if (overlaps(cidr, "100.64.0.0/10"))
      problems.push({ path, rule: "must not overlap the tailnet's 100.64.0.0/10", got: cidr });
    for (const other of ranges.slice(0, index)) {
      if (parseCidr(other.cidr) && overlaps(cidr, other.cidr))
        problems.push({ path, rule: `must not overlap ${other.path} (${other.cidr})`, got: cidr });
    }
  });
  return problems;
}

function hostProblems(spec: LabSpec): Problem[] {
  const problems: Problem[] = [];
  const sites = new Map(spec.sites.map((site) => [site.name, site]));
  const taken = new Map<string, string>();
  for (const host of spec.hosts) {
    const path = `hosts.${host.name}.address`;
    const site = sites.get(host.site);
    if (!site) {
      problems.push({ path: `hosts.${host.name}.site`, rule: "must be the name of a site", got: host.site });
      continue;
    }
    const range = parseCidr(site.cidr);
    const address = parseAddress(host.address);
    if (!range) continue;
    if (address === undefined || !contains(site.cidr, host.address))
      problems.push({ path, rule: `must be an address in ${site.cidr}, the range of ${site.name}`, got: host.address });
    else if (address <= range.first + 1 || address >= range.last)
      problems.push({ path, rule: "must not be the network, gateway or broadcast address", got: host.address });
    const other = taken.get(host.address);
    if (other !== undefined)
      problems.push({ path, rule: `must be used once; ${other} has it as well`, got: host.address });
    taken.set(host.address, host.name);
    problems.push(...machineProblems(host));
  }
  return problems;
}

/** Least and greatest value of each setting of a machine. Less memory does not boot; more was never tried. */
const MACHINE_LIMITS: Readonly<Record<keyof LabMachine, readonly [number, number]>> = {
  memoryMiB: [512, 16_384],
  cpus: [1, 16],
  dataGiB: [1, 64],
};

function machineProblems({ name, machine = {} }: LabHost): Problem[] {
  return (Object.keys(MACHINE_LIMITS) as (keyof LabMachine)[]).flatMap((setting) => {
    const got = machine[setting];
    const [least, greatest] = MACHINE_LIMITS[setting];
    if (got === undefined || (Number.isInteger(got) && got >= least && got <= greatest)) return [];
    const rule = `must be a whole number from ${least} to ${greatest}`;
    return [{ path: `hosts.${name}.machine.${setting}`, rule, got }];
  });
}

function identityProblems(spec: LabSpec): Problem[] {
  const problems: Problem[] = [];
  for (const identity of spec.identities) {
    const path = `identities.${identity.name}.tags`;
    if (identity.tags.length === 0) problems.push({ path, rule: "must hold at least one tag" });
    for (const tag of identity.tags) {
      if (!/^tag:[a-z][a-z0-9-]*$/.test(tag))
        problems.push({ path, rule: "must be written with its prefix, like tag:nomad-server", got: tag });
    }
  }
  if (!spec.identities.some((identity) => identity.name === OPERATOR))
    problems.push({ path: "identities", rule: `must hold one named ${OPERATOR}`, fix: "add the operator's tags" });
  return problems;
}
