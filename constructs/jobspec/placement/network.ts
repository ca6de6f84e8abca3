import type { Group } from "../group";
import { isKnown, isKnownNumber } from "../rules/report";
import { oneOf } from "../rules/discovery";
import type { Findings } from "./findings";
import { type Addresses, type PoolFacts, resolve } from "./pool-facts";

const DEFAULT_HOST_NETWORK = "default";

/** Checks mode and ports of a group's network. */
export function checkNetwork(findings: Findings, facts: PoolFacts, path: string, group: Group): void {
  const { network } = group;
  if (network === undefined) return;
  const at = `${path}.network`;
  const mode = network.mode ?? "host";
  if (mode !== "host" && mode !== "none") {
    const needs = mode === "bridge" ? "the CNI plugins for bridge networks" : `the CNI network ${mode.slice(4)}`;
    findings.doubt({
      check: "network",
      path: `${at}.mode`,
      unknown: `whether the machines of pool ${facts.name} have ${needs}`,
    });
  }
  for (const [label, port] of Object.entries(network.ports ?? {})) {
    const addresses = addressesOf(findings, facts, `${at}.ports.${label}`, port.hostNetwork, mode === "none");
    const number = port.static ?? 0;
    if (addresses === undefined || number === 0 || !isKnownNumber(number) || port.ignoreCollision === true) continue;
    checkStaticPort(findings, facts, `${at}.ports.${label}`, path, number, addresses);
  }
}

/** The addresses that a port may be on; undefined where that is not known or the pool lacks the network. */
function addressesOf(
  findings: Findings,
  facts: PoolFacts,
  path: string,
  wanted: string = DEFAULT_HOST_NETWORK,
  late = false,
): Addresses | undefined {
  const at = `${path}.hostNetwork`;
  const check = late ? "staticPort" : "network";
  const side = isKnown(wanted) ? resolve(wanted, facts) : { isSet: undefined };
  if (side.text === undefined && side.isSet !== false) {
    findings.doubt({ check, path: at, unknown: `which host network ${wanted} is in pool ${facts.name}` });
    return undefined;
  }
  const addresses = side.text === undefined ? undefined : facts.hostNetworks.get(side.text);
  if (addresses !== undefined) return addresses;
  findings.fail({
    check,
    kind: "hostNetwork",
    path: at,
    rule: `must be a host network of pool ${facts.name}`,
    got: wanted,
    fix: oneOf([...facts.hostNetworks.keys()]),
    short: `host network ${wanted}`,
  });
  return undefined;
}

function checkStaticPort(
  findings: Findings,
  facts: PoolFacts,
  path: string,
  group: string,
  port: number,
  addresses: Addresses,
): void {
  const at = `${path}.static`;
  if (facts.reservedPorts.some(([first, last]) => first <= port && port <= last)) {
    findings.fail({
      check: "staticPort",
      kind: "staticPort",
      path: at,
      rule: `is reserved on the machines of pool ${facts.name}`,
      got: port,
      fix: "use another port",
      short: `port ${port}`,
    });
    return;
  }
  findings.limit({
    per: "machine",
    ...addresses,
    reason: () => ({
      check: "staticPort",
      kind: "staticPort",
      path: `${group}.count`,
      rule: `is more than the machines of pool ${facts.name}, and static port ${port} is free once on each`,
      fix: "lower count, add machines, or leave static out",
      short: `port ${port}`,
    }),
    doubt: () => ({
      check: "staticPort",
      path: at,
      unknown: `whether port ${port} is free again on another address of the machines of pool ${facts.name}`,
    }),
  });
}
