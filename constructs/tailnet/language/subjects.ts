import { parsePrefix, type Range } from "./addresses";

/** What a name in `src`, `dst`, `target` or a test stands for. */
export type Subject =
  | { readonly kind: "any" }
  | { readonly kind: "tag"; readonly name: string }
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "user"; readonly name: string }
  /** All users of a domain: `user:*@example.com`. */
  | { readonly kind: "domain"; readonly name: string }
  | { readonly kind: "autogroup"; readonly name: string }
  | { readonly kind: "ipset"; readonly name: string }
  /** A Tailscale service: `svc:name`. */
  | { readonly kind: "service"; readonly name: string }
  | { readonly kind: "address"; readonly name: string; readonly range: Range }
  /** A name of `hosts`, or one that nobody knows. */
  | { readonly kind: "host"; readonly name: string }
  | { readonly kind: "invalid"; readonly name: string };

/** Autogroups that stand for users with a role, which the policy file does not list. */
export const ROLE_AUTOGROUPS: readonly string[] = [
  "autogroup:admin",
  "autogroup:auditor",
  "autogroup:billing-admin",
  "autogroup:it-admin",
  "autogroup:network-admin",
  "autogroup:owner",
  "autogroup:shared",
];

/** Reads a name; white space around it does not count. */
export function parseSubject(text: string): Subject {
  const name = text.trim();
  if (name === "*") return { kind: "any" };
  const range = parsePrefix(name);
  if (range !== undefined) return { kind: "address", name, range };
  if (name.startsWith("user:*@")) return { kind: "domain", name };
  if (name.startsWith("group:")) return { kind: "group", name };
  if (name.includes("@")) return { kind: "user", name };
  if (name.startsWith("tag:")) return { kind: "tag", name };
  if (name.startsWith("autogroup:")) return { kind: "autogroup", name };
  if (name.startsWith("ipset:")) return { kind: "ipset", name };
  if (name.startsWith("svc:")) return { kind: "service", name };
  if (name === "" || name.includes(":")) return { kind: "invalid", name };
  return { kind: "host", name };
}

/** A destination with its ports, as rules of `acls` and tests write it. */
export interface Destination {
  readonly subject: string;
  readonly ports: string;
}

/** Splits `tag:web:443`, `10.0.0.0/8:*`, `[fd7a::1]:22`; undefined where there are no ports. */
export function splitDestination(text: string): Destination | undefined {
  const bracketed = /^\[([^\]]+)\](\/\d+)?:([^:]+)$/.exec(text);
  if (bracketed !== null) {
    const subject = `${bracketed[1]}${bracketed[2] ?? ""}`;
    return subject.includes(":") && parsePrefix(subject) !== undefined
      ? { subject, ports: bracketed[3] ?? "" }
      : undefined;
  }
  const colon = text.lastIndexOf(":");
  if (text.startsWith("[") || colon <= 0 || colon === text.length - 1) return undefined;
  return { subject: text.slice(0, colon), ports: text.slice(colon + 1) };
}
