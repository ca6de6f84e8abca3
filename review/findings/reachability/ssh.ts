import type { SshRule } from "../../../constructs/tailnet/language/policy-file";
import { list, object, text } from "../../json";
import type { Finding } from "../types";
import { counted, short, some } from "../words";
import type { PolicyChange } from "./policy";
import { isEverybody } from "./wide";

/** More logins than these are not told one by one. */
const MOST = 10_000;

/** Logins by who, where and as whom; the value is `accept`, or `check` with its period. */
type Logins = ReadonlyMap<string, string>;

/** Logins of Tailscale SSH and other rights of a policy that come, go, or are no longer asked for. */
export function sshChanges({ change, policies }: PolicyChange): readonly Finding[] {
  if (policies === undefined) return [];
  const { before, after } = policies;
  const place = { stack: change.stack, resource: change.address };
  const [was, is] = [loginsOf(before.ssh), loginsOf(after.ssh)];
  if (was === undefined || is === undefined)
    return [
      {
        ...place,
        id: "reachability/unknown",
        severity: "warning",
        resource: `${change.address}: ssh`,
        reason: `names more than ${MOST} logins`,
        fix: "write rules for groups",
      },
    ];
  const opened = [...is].filter(([key, action]) => action !== was.get(key) && isWider(was.get(key), action));
  const closed = [...was.keys()].filter((key) => !is.has(key));
  const tell = (key: string) => key.split("\n").map(short) as [string, string, string];
  return [
    ...byWay(opened.map(([key]) => key)).map(([way, users]): Finding => {
      const [from, to] = tell(way);
      const isUnasked = users.every((user) => was.has(`${way}\n${user}`));
      const isWide = isEverybody(from);
      return {
        ...place,
        id: "reachability/opened",
        severity: isWide ? "blocking" : "warning",
        resource: `${change.address}: ssh from ${from} to ${to}`,
        reason: isUnasked
          ? `no longer asks to log in again, or less often, as ${some(users.map(short))}`
          : `newly logs in as ${some(users.map(short))}`,
        fix: "make sure that they are meant to get a shell there",
      };
    }),
    ...byWay(closed).map(([way, users]): Finding => {
      const [from, to] = tell(way);
      return {
        ...place,
        id: "reachability/closed",
        severity: "notice",
        resource: `${change.address}: ssh from ${from} to ${to}`,
        reason: `no longer logs in as ${some(users.map(short))}`,
        fix: "make sure that nobody needs it",
      };
    }),
    ...routeChanges(place, before, after),
  ];
}

function isWider(was: string | undefined, is: string): boolean {
  if (was === undefined || is === "accept") return true;
  return was !== "accept" && periodOf(is) > periodOf(was);
}

/** Seconds until a check asks again. `always` asks each time. */
function periodOf(action: string): number {
  const [, number = "", unit = ""] = /^check (\d+)([smh])$/.exec(action) ?? [];
  if (action === "check always") return 0;
  return Number(number === "" ? 12 * 3600 : number) * ({ s: 1, m: 60, h: 3600 }[unit] ?? 1);
}

function loginsOf(rules: readonly SshRule[] | undefined): Logins | undefined {
  const logins = new Map<string, string>();
  for (const rule of list(rules).map(object)) {
    const [src, dst, users] = [rule["src"], rule["dst"], rule["users"]].map((names) => list(names).map(String));
    if (src === undefined || dst === undefined || users === undefined) continue;
    if (src.length * dst.length * users.length + logins.size > MOST) return undefined;
    const action = rule["action"] === "accept" ? "accept" : `check ${text(rule["checkPeriod"]) ?? "12h"}`;
    for (const from of src)
      for (const to of dst)
        for (const user of users) {
          const key = `${from}\n${to}\n${user}`;
          // The first rule that covers a login decides, those with check before others.
          const known = logins.get(key);
          if (known === undefined || (known === "accept" && action !== "accept")) logins.set(key, action);
        }
  }
  return logins;
}

function byWay(keys: readonly string[]): readonly (readonly [way: string, users: readonly string[]])[] {
  const ways = new Map<string, string[]>();
  for (const key of keys) {
    const end = key.lastIndexOf("\n");
    const way = key.slice(0, end);
    ways.set(way, [...(ways.get(way) ?? []), key.slice(end + 1)]);
  }
  return [...ways];
}

type Place = Pick<Finding, "stack" | "resource">;
type Policy = NonNullable<PolicyChange["policies"]>["before"];

/** Routes that need no approval any more, and machines that may be seen from the internet. */
function routeChanges(place: Place, before: Policy, after: Policy): readonly Finding[] {
  const [was, is] = [approvalsOf(before), approvalsOf(after)];
  const routes = is.filter((one) => !was.includes(one));
  const funnels = (policy: Policy) =>
    list(policy.nodeAttrs)
      .map(object)
      .filter(({ attr }) => list(attr).includes("funnel"))
      .flatMap(({ target }) => list(target).map(String));
  const known = funnels(before);
  const shown = funnels(after).filter((target) => !known.includes(target));
  return [
    ...(routes.length === 0
      ? []
      : [
          {
            ...place,
            id: "reachability/opened",
            // The way to a single machine is told by who reaches it.
            severity: routes.every((route) => /^\S+\/(32|128) /.test(route)) ? "notice" : "warning",
            resource: `${place.resource}: autoApprovers`,
            reason: `approves ${counted(routes.length, "route")} without anybody looking: ${some(routes.map(short))}`,
            fix: "make sure that these machines are to route for others",
          } as const,
        ]),
    ...shown.map(
      (target) =>
        ({
          ...place,
          id: "reachability/public",
          severity: "blocking",
          resource: `${place.resource}: nodeAttrs`,
          reason: `lets ${short(target)} be reached from the internet (funnel)`,
          fix: "take the attribute out, or say why the internet is to reach it",
        }) as const,
    ),
  ];
}

/** Shape: `["10.0.0.0/8 by tag:router", "exit nodes by group:it"]`. */
function approvalsOf({ autoApprovers }: Policy): readonly string[] {
  const { routes, exitNode } = object(autoApprovers);
  return [
    ...Object.entries(object(routes)).flatMap(([route, who]) => list(who).map((one) => `${route} by ${String(one)}`)),
    ...list(exitNode).map((one) => `exit nodes by ${String(one)}`),
  ];
}
