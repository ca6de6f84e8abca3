import type { Problem } from "../../core/problems";
import { parsePrefix } from "./addresses";
import { checkSubject, checkTag } from "./check-subjects";
import { type Context, each, problem, warning } from "./context";
import type { AclRule, GrantRule } from "./policy-file";
import {
  commonPorts,
  hasPorts,
  isAllPorts,
  type Opening,
  parseOpening,
  parsePortRange,
  parsePorts,
  parseProtocol,
  PortError,
  portsText,
  protocolName,
} from "./ports";
import { parseSubject, splitDestination } from "./subjects";

/** Capabilities of Tailscale's own that a policy may give. */
const GRANTABLE = ["drive", "relay", "webui", "kubernetes", "tsidp"].map((name) => `tailscale.com/cap/${name}`);

/** Problems with `acls` and `grants`. */
export function checkRules(context: Context): Problem[] {
  const { acls, grants } = context.policy;
  if (acls === undefined && grants === undefined)
    return [
      warning("grants", "should be there: without acls and grants everything is open", undefined, "add grants: []"),
    ];
  return [
    ...each(acls, "acls", (rule, path) => checkAcl(rule, path, context)),
    ...each(grants, "grants", (rule, path) => checkGrant(rule, path, context)),
  ];
}

function checkAcl(rule: AclRule, path: string, context: Context): Problem[] {
  const protocol = rule.proto === undefined || rule.proto === "" ? undefined : parseProtocol(rule.proto);
  const isUnknown = rule.proto !== undefined && rule.proto !== "" && protocol === undefined;
  return [
    ...((rule.action as string) === "accept"
      ? []
      : [problem(`${path}.action`, "must be accept", rule.action, "leave out what shall not be open")]),
    ...(isUnknown
      ? [
          problem(
            `${path}.proto`,
            "must be a protocol's name or its number from 1 to 255",
            rule.proto,
            "write tcp, udp, icmp or a number",
          ),
        ]
      : []),
    ...checkEnds(rule, path, context),
    ...each(rule.dst, `${path}.dst`, (text, at) => {
      const split = splitDestination(text);
      if (split === undefined)
        return [problem(at, "must be a destination and its ports", text, "write it like tag:web:443 or tag:web:*")];
      return [
        ...checkSubject(split.subject, at, "dst", context),
        ...checkPorts(split.ports, at, text, protocol),
        ...overlaps(split.ports.split(","), at),
      ];
    }),
    ...checkSelf(
      rule.src,
      rule.dst.map((text) => splitDestination(text)?.subject ?? text),
      path,
      ["any"],
    ),
    ...checkPostures(rule.srcPosture, `${path}.srcPosture`, context),
  ];
}

function checkGrant(rule: GrantRule, path: string, context: Context): Problem[] {
  const hasIp = rule.ip !== undefined && rule.ip.length > 0;
  const names = Object.keys(rule.app ?? {});
  const has = (text: string) => rule.dst.some((each) => each.trim() === text);
  return [
    ...(hasIp || names.length > 0
      ? []
      : [problem(path, "must have ip or app", undefined, 'add ip, for example ["tcp:443"]')]),
    ...checkEnds(rule, path, context),
    ...each(rule.dst, `${path}.dst`, (text, at) => [
      ...checkSubject(text, at, "dst", context),
      ...(isEverything(text)
        ? [problem(at, "must not be all addresses as a range", text, "write * or autogroup:internet")]
        : []),
    ]),
    ...each(rule.ip, `${path}.ip`, (text, at) => checkIp(text, at, context)),
    ...overlaps(rule.ip ?? [], `${path}.ip`),
    ...names.flatMap((name) => checkCapability(name, `${path}.app`)),
    ...(names.length > 0 && has("autogroup:internet")
      ? [problem(`${path}.app`, "must not be given on autogroup:internet", names[0], "name machines as dst")]
      : []),
    ...each(rule.via, `${path}.via`, (text, at) =>
      parseSubject(text).kind === "tag"
        ? checkTag(text, at, context)
        : [problem(at, "must be a tag", text, "name the tag of the routers")],
    ),
    ...checkSelf(rule.src, rule.dst, path, []),
    ...checkPostures(rule.srcPosture, `${path}.srcPosture`, context),
  ];
}

function checkEnds(rule: AclRule | GrantRule, path: string, context: Context): Problem[] {
  const empty = (["src", "dst"] as const).filter((side) => rule[side].length === 0);
  return [
    ...empty.map((side) =>
      warning(`${path}.${side}`, "should name somebody: the rule opens nothing", undefined, "remove the rule"),
    ),
    ...each(rule.src, `${path}.src`, (text, at) => checkSubject(text, at, "src", context)),
  ];
}

function isEverything(text: string): boolean {
  return text.includes("/") && parsePrefix(text.trim()) !== undefined && /\/0$/.test(text.trim());
}

function checkIp(text: string, path: string, { isHeadscale }: Context): Problem[] {
  const [head = "", ports] = text.split(":");
  if (isHeadscale && ports !== undefined && head !== head.toLowerCase())
    return [problem(path, "must name the protocol in small letters", text, `write ${text.toLowerCase()}`)];
  try {
    const { protocols } = parseOpening(text);
    return ports === undefined ? [] : checkPorts(ports, path, text, protocols[0]);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return [problem(path, error.message, text, "write it like tcp:443, tcp:80-90, 443 or *")];
  }
}

function checkPorts(ports: string, path: string, text: string, protocol: number | undefined): Problem[] {
  try {
    if (isAllPorts(parsePorts(ports)) || protocol === undefined || hasPorts(protocol)) return [];
    return [
      problem(path, `must have * as ports: ${protocolName(protocol)} has none`, text, "write * in place of the ports"),
    ];
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return [problem(path, error.message, text, "write it like 443, 80-90, 80,443 or *")];
  }
}

/** Ports that one rule opens twice: one of the two is a slip of the pen. */
function overlaps(entries: readonly string[], path: string): Problem[] {
  const parts = entries.flatMap((entry) => {
    const [head, ports] = entry.includes(":") ? [`${entry.split(":")[0]}:`, entry.split(":")[1] ?? ""] : ["", entry];
    return ports.split(",").flatMap((port): { readonly text: string; readonly opening: Opening }[] => {
      try {
        if (port !== "*") parsePortRange(port);
        return [{ text: `${head}${port}`, opening: parseOpening(`${head}${port}`) }];
      } catch (error) {
        if (error instanceof PortError) return [];
        throw error;
      }
    });
  });
  return parts.flatMap(({ text, opening }, index) => {
    const twice = parts.slice(0, index).find((other) => isSame(other.opening, opening));
    if (twice === undefined) return [];
    const shared = portsText(commonPorts(twice.opening.ports, opening.ports));
    return [problem(path, `must not open ${shared} twice: ${twice.text} has it too`, text, "join the ranges")];
  });
}

function isSame(one: Opening, other: Opening): boolean {
  const isProtocol = one.protocols.some((protocol) => other.protocols.includes(protocol));
  return isProtocol && commonPorts(one.ports, other.ports).length > 0;
}

function checkCapability(name: string, path: string): Problem[] {
  if (name.includes("://") || !/^[^/]+\.[^/]+\/.+$/.test(name))
    return [problem(path, "must name capabilities as domain/path", name, "write it like example.com/cap/name")];
  return name.startsWith("tailscale.com/") && !GRANTABLE.includes(name)
    ? [
        problem(
          path,
          "must not give a capability of tailscale.com that is its own",
          name,
          `use one of: ${GRANTABLE.join(", ")}`,
        ),
      ]
    : [];
}

/** Only people have machines of their own. */
function checkSelf(src: readonly string[], dst: readonly string[], path: string, also: readonly string[]): Problem[] {
  if (!dst.some((text) => text.trim() === "autogroup:self")) return [];
  const isPerson = (text: string) => {
    const { kind } = parseSubject(text);
    if (kind === "autogroup")
      return !["autogroup:tagged", "autogroup:danger-all", "autogroup:shared"].includes(text.trim());
    return ["user", "group", "domain", ...also].includes(kind);
  };
  return src.flatMap((text, index) =>
    isPerson(text)
      ? []
      : [
          problem(
            `${path}.src.${index}`,
            "must be users or groups where dst is autogroup:self",
            text,
            "write autogroup:member",
          ),
        ],
  );
}

/** Problems with postures that a rule asks for. */
export function checkPostures(names: readonly string[] | undefined, path: string, context: Context): Problem[] {
  if (context.isHeadscale) return [];
  return each(names, path, (name, at) =>
    context.policy.postures?.[name] === undefined
      ? [problem(at, "must be a posture that `postures` defines", name, `add ${name} to postures`)]
      : [],
  );
}
