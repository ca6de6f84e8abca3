import type { Fleet } from "../../../model/types";
import type { ResourceChange } from "../../change/types";
import { isEqual, object, text } from "../../json";
import type { Finding, Subject } from "../types";
import { short, some } from "../words";
import { policyChanges } from "../reachability/policy";
import { names } from "./acl";

/** Who operates the fleet, who may give its tags, and which machines may join. */
export function examineOperators(subject: Subject): readonly Finding[] {
  const { base, head, changes } = subject;
  return [
    ...changes.flatMap(federatedIdentity),
    ...(base?.fleet === undefined || head?.fleet === undefined
      ? policyChanges(subject).flatMap(({ change, policies }) =>
          policies === undefined
            ? []
            : changesOf(ofPolicy(policies.before), ofPolicy(policies.after), change.address, change.stack),
        )
      : changesOf(ofFleet(base.fleet), ofFleet(head.fleet), "tailnet")),
  ];
}

/** Lists of people and names by where they stand. Shape: `{ "operators": ["group:platform"] }`. */
type Lists = Readonly<Record<string, readonly string[]>>;

function ofFleet({ tailnet, sites }: Fleet): Lists {
  return {
    operators: names(tailnet.operators),
    tagOwners: names(tailnet.tagOwners),
    ...listsOf("groups", tailnet.groups),
    ...listsOf("otherTags", tailnet.otherTags),
    ...Object.fromEntries(
      Object.entries(sites).flatMap(([site, { ssh }]) =>
        ssh !== undefined && "authorizedKeys" in ssh
          ? [[`sites.${site}.ssh.authorizedKeys`, ssh.authorizedKeys.map(keyName)]]
          : [],
      ),
    ),
  };
}

function ofPolicy(policy: object): Lists {
  const { groups, tagOwners } = object(policy);
  return { ...listsOf("groups", groups), ...listsOf("tagOwners", tagOwners) };
}

function listsOf(prefix: string, lists: unknown): Lists {
  return Object.fromEntries(Object.entries(object(lists)).map(([name, list]) => [`${prefix}.${name}`, names(list)]));
}

/** The end of a public key, and whose it is: enough to tell two apart. */
function keyName(key: string): string {
  const [kind = "", body = "", ...comment] = key.split(/\s+/);
  return `${kind} …${body.slice(-8)} ${comment.join(" ")}`.trim();
}

function changesOf(was: Lists, is: Lists, resource: string, stack?: string): readonly Finding[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((path): readonly Finding[] => {
    const [old, now] = [was[path] ?? [], is[path] ?? []];
    const [come, gone] = [now.filter((one) => !old.includes(one)), old.filter((one) => !now.includes(one))];
    if (come.length === 0 && gone.length === 0) return [];
    const isWide = come.some((one) => one === "autogroup:member" || one === "*" || one === "autogroup:members");
    const parts = [
      ...(come.length === 0 ? [] : [`gets ${some(come.map(short))}`]),
      ...(gone.length === 0 ? [] : [`loses ${some(gone.map(short))}`]),
    ];
    return [
      {
        id: "identity/operators",
        severity: isWide ? "blocking" : come.length > 0 ? "warning" : "notice",
        ...(stack !== undefined && { stack }),
        resource: path.startsWith("sites.") ? path : `${resource}${stack === undefined ? "." : ": "}${path}`,
        reason: parts.join(" and "),
        fix: "make sure that each of them is meant to have what the name stands for",
      },
    ];
  });
}

/** Parts of an identity that say which machines take which tags. */
const FEDERATED = ["issuer", "subject", "audience", "custom_claim_rules", "scopes", "tags"] as const;

function federatedIdentity({ type, stack, address, before, after }: ResourceChange): readonly Finding[] {
  if (type !== "tailscale_federated_identity" || before === undefined || after === undefined) return [];
  const changed = FEDERATED.filter((key) => !isEqual(sorted(before[key]), sorted(after[key])));
  if (changed.length === 0) return [];
  const subject = text(after["subject"]) ?? "";
  const isWider = count(subject, "*") > count(text(before["subject"]) ?? "", "*");
  const lostClaims = Object.keys(object(before["custom_claim_rules"])).some(
    (claim) => !Object.hasOwn(object(after["custom_claim_rules"]), claim),
  );
  const more = [...names(after["tags"]), ...names(after["scopes"])].filter(
    (one) => ![...names(before["tags"]), ...names(before["scopes"])].includes(one),
  );
  const why = [
    ...(isWider ? [`more subjects match ${short(subject)}`] : []),
    ...(lostClaims ? ["a claim is no longer asked for"] : []),
    ...(more.length > 0 ? [`it may give ${some(more.map(short))} too`] : []),
  ];
  return [
    {
      id: "identity/token-rules",
      severity: isWider || lostClaims ? "blocking" : "warning",
      stack,
      resource: address,
      reason: `changes which machines may join, and as what (${changed.join(", ")})${why.length === 0 ? "" : `: ${why.join(", and ")}`}`,
      fix: "make sure that nobody but the machines that are meant can get such a token",
    },
  ];
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? names(value).toSorted() : value;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
