import type { AclRule, GrantRule, PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { Choices } from "./lists";
import { definitions, tags, users } from "./tailnet";

/** What generated policies speak of. */
export interface Words {
  readonly definitions: PolicyFile;
  /** Sources and destinations. */
  readonly named: readonly string[];
  /** Users, and groups of them. */
  readonly people: readonly string[];
  /** Tags for `via`. None: no rule has it. */
  readonly routers: readonly string[];
}

const ofTests: Words = {
  definitions,
  named: [
    ...tags,
    ...tags,
    ...users.map((user) => `${user}@`),
    "ghost@",
    "group:dev",
    "group:ops",
    "group:empty",
    "webhost",
    "dbhost6",
    "printer",
    "lan",
    "lowhalf",
    "odd",
    "100.64.0.2",
    "fd7a:115c:a1e0::4",
    "10.1.2.3",
    "10.1.0.0/16",
    "192.168.1.0/24",
    "100.64.0.0/10",
    "fd7a:115c:a1e0::/48",
    "8.8.8.0/24",
    "autogroup:member",
    "autogroup:tagged",
    "*",
  ],
  people: ["alice@", "bob@", "group:dev", "group:ops", "autogroup:member"],
  routers: ["tag:router", "tag:edge"],
};

const sourcesOf = ({ named }: Words) => [...named, "autogroup:danger-all", "0.0.0.0/0", "::/0"];
const destinationsOf = ({ named }: Words) => [...named, "autogroup:internet"];
const withPorts = ["22", "80-90", "22,80,443", "*", "0-65535", "1-65535", "443,53,85-95"];
const portProtocols = [undefined, undefined, "", "tcp", "udp", "sctp", "6", "17", "132", "TCP"];
const otherProtocols = [
  "icmp",
  "igmp",
  "ipv4",
  "ip-in-ip",
  "egp",
  "igp",
  "gre",
  "esp",
  "ah",
  "ipv6-icmp",
  "fc",
  "1",
  "47",
  "255",
];
const openings = [
  ["*", "22", "443", "80-90", "22,80", "0-65535"],
  ["tcp:22", "tcp:*", "tcp:80-90,443", "6:22", "udp:53", "17:*", "sctp:5000", "132:80", "udp:1-65535"],
  ["icmp:*", "gre:*", "47:*", "esp:*", "255:*", "ipv6-icmp:*"],
].flat();

function withPort(subject: string, ports: string): string {
  return subject.includes(":") && /^[0-9a-f]+:.*:/i.test(subject) && !subject.includes("/")
    ? `[${subject}]:${ports}`
    : `${subject}:${ports}`;
}

function acl(choices: Choices, words: Words): AclRule {
  const isSelf = choices.once(8);
  const isOther = choices.once(5);
  const proto = choices.one(isOther ? otherProtocols : portProtocols);
  const dst = choices
    .some(destinationsOf(words), 3)
    .map((each) => withPort(each, isOther ? "*" : choices.one(withPorts)));
  return {
    action: "accept",
    ...(proto === undefined ? {} : { proto }),
    src: choices.some(isSelf ? [...words.people, "*"] : sourcesOf(words), 3),
    dst: isSelf ? [...dst, `autogroup:self:${isOther ? "*" : choices.one(withPorts)}`] : dst,
  };
}

function grant(choices: Choices, words: Words): GrantRule {
  const isSelf = choices.once(8);
  const isApp = choices.once(6);
  const hasIp = !isApp || choices.once(2);
  const dst = choices.some(isApp ? words.named : destinationsOf(words), 3);
  return {
    src: choices.some(isSelf ? words.people : sourcesOf(words), 3),
    dst: isSelf ? [...dst, "autogroup:self"] : dst,
    ...(hasIp ? { ip: choices.some(openings, 3) } : {}),
    ...(isApp ? { app: { "example.com/cap/read": [{ level: 1 }] } } : {}),
    ...(hasIp && choices.once(8) && words.routers.length > 0 ? { via: choices.some(words.routers, 2) } : {}),
  };
}

/** A policy that headscale takes; the number decides all of it. */
export function generated(seed: number, words: Words = ofTests): PolicyFile {
  const choices = new Choices(seed * 7919 + 13);
  for (let index = 0; index < 5; index += 1) choices.below(2);
  const list = <T>(make: (choices: Choices, words: Words) => T) =>
    Array.from({ length: choices.below(5) }, () => make(choices, words));
  const [hasAcls, hasGrants] = choices.one([
    [true, false],
    [false, true],
    [true, true],
    [true, true],
  ]);
  const isBare = choices.once(40);
  return {
    ...words.definitions,
    ...(hasAcls && !isBare ? { acls: list(acl) } : {}),
    ...(hasGrants && !isBare ? { grants: list(grant) } : {}),
  };
}
