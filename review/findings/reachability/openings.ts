import type { ResourceChange } from "../../change/types";
import { type Json, list, object, text } from "../../json";

/** Something that a firewall lets in. */
export interface Opening {
  /** What is opened: a security group, or machines with a network tag. */
  readonly target: string;
  /** Shape: `tcp`, `udp`, `all`. */
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
  /** A range of addresses, or the name of what may call. */
  readonly source: string;
}

const LAST_PORT = 65_535;
const EVERYONE = "0.0.0.0/0";

/** What a resource lets in, as one commit has it; nothing for resources that are no firewall. */
export function openingsOf({ type, address, stack }: ResourceChange, body: Json | undefined): readonly Opening[] {
  if (body === undefined) return [];
  switch (type) {
    case "aws_vpc_security_group_ingress_rule":
      return awsRule(text(body["security_group_id"]) ?? address, body, [
        body["cidr_ipv4"],
        body["cidr_ipv6"],
        body["prefix_list_id"],
        body["referenced_security_group_id"],
      ]);
    case "aws_security_group_rule":
      return body["type"] === "ingress" ? awsBlock(text(body["security_group_id"]) ?? address, body) : [];
    case "aws_security_group":
    case "aws_default_security_group":
      return list(body["ingress"]).flatMap((block) => awsBlock(`\${${address}.id}`, object(block)));
    case "google_compute_firewall":
      return googleRule(`${stack}\n${JSON.stringify([body["network"], body["target_tags"]])}`, body);
    default:
      return [];
  }
}

function awsBlock(target: string, block: Json): readonly Opening[] {
  return awsRule(target, { ...block, ip_protocol: block["protocol"] }, [
    ...list(block["cidr_blocks"]),
    ...list(block["ipv6_cidr_blocks"]),
    ...list(block["prefix_list_ids"]),
    ...list(block["security_groups"]),
    block["source_security_group_id"],
    ...(block["self"] === true ? ["its own members"] : []),
  ]);
}

function awsRule(target: string, body: Json, sources: readonly unknown[]): readonly Opening[] {
  const given = (text(body["ip_protocol"]) ?? "-1").toLowerCase();
  const protocol = given === "-1" ? "all" : (NUMBERS.get(given) ?? given);
  const [from, to] = [numberOf(body["from_port"]), numberOf(body["to_port"])];
  // Of ICMP these are a type and a code.
  const isPorts = protocol === "tcp" || protocol === "udp";
  const first = isPorts ? (from ?? 0) : 0;
  const last = isPorts ? (to ?? from ?? LAST_PORT) : LAST_PORT;
  return sources.flatMap((source) => (typeof source === "string" ? [{ target, protocol, first, last, source }] : []));
}

const NUMBERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6" }),
);

function googleRule(target: string, body: Json): readonly Opening[] {
  if (body["direction"] === "EGRESS" || body["disabled"] === true) return [];
  const named = [
    ...list(body["source_ranges"]),
    ...list(body["source_tags"]),
    ...list(body["source_service_accounts"]),
  ];
  const sources = named.length === 0 ? [EVERYONE] : named;
  return list(body["allow"])
    .map(object)
    .flatMap((allow) => {
      const given = (text(allow["protocol"]) ?? "all").toLowerCase();
      const protocol = NUMBERS.get(given) ?? given;
      const ports = list(allow["ports"]);
      const ranges = ports.length === 0 ? [[0, LAST_PORT] as const] : ports.flatMap((port) => rangeOf(port) ?? []);
      return ranges.flatMap(([first, last]) =>
        sources.flatMap((source) => (typeof source === "string" ? [{ target, protocol, first, last, source }] : [])),
      );
    });
}

function rangeOf(port: unknown): readonly (readonly [number, number])[] | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(port));
  return match === null ? undefined : [[Number(match[1]), Number(match[2] ?? match[1])]];
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
