import { tags } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import type { SshRule, SshTest } from "../language/policy-file";
import { isTestable } from "./dialect";
import type { Reasoned } from "./reasoned";

const machines = [tags.server, tags.client];
const from = "tailnet.ssh";

/** Default time until `check` asks again. */
const CHECK_PERIOD = "12h";

/**
 * Tailscale SSH for operators. People log in again where the fleet asks for `check`; a machine has nobody to ask.
 *
 * @see https://tailscale.com/kb/1193/tailscale-ssh
 */
export function sshRules(fleet: Fleet): Reasoned<SshRule>[] {
  const { ssh, operators = [] } = fleet.tailnet;
  if (ssh === undefined) return [];
  const { users, action = "check", checkPeriod = CHECK_PERIOD } = ssh;
  const check = action === "check" ? { checkPeriod } : {};
  return [
    ...(operators.length === 0
      ? []
      : [
          {
            rule: { action, src: operators, dst: machines, users, ...check },
            reason:
              action === "check"
                ? `operators log in to machines, and say who they are again after ${checkPeriod}`
                : "operators log in to machines",
            from,
          },
        ]),
    {
      rule: { action: "accept", src: [tags.operator], dst: machines, users },
      reason: "operators' machines log in without being asked: a machine cannot answer",
      from,
    },
  ];
}

/** What must hold of the SSH rules: operators get in as the fleet says, its machines do not log in to each other. */
export function sshTests(fleet: Fleet): Reasoned<SshTest>[] {
  const { ssh, operators = [] } = fleet.tailnet;
  if (ssh === undefined) return [];
  const logins = ssh.users.flatMap(loginOf);
  if (logins.length === 0) return [];
  const people = operators.filter((subject) => isTestable(fleet, subject));
  const other = stranger(ssh.users);
  const deny = other === undefined ? {} : { deny: [other] };
  return [
    ...people.map((src) => ({
      rule: { src, dst: machines, [ssh.action ?? "check"]: logins, ...deny },
      reason: `${src} gets in as the fleet says, and as nobody else`,
      from,
    })),
    {
      rule: { src: tags.operator, dst: machines, accept: logins, ...deny },
      reason: "operators' machines get in as the fleet says, and as nobody else",
      from,
    },
    ...machines.map((src) => ({
      rule: { src, dst: machines, deny: logins },
      reason: `${src === tags.server ? "servers" : "clients"} do not log in to any machine`,
      from,
    })),
  ];
}

/** A login that a test can name. */
function loginOf(user: string): readonly string[] {
  if (user === "autogroup:nonroot") return ["nobody"];
  return user.startsWith("localpart:") ? [] : [user];
}

/** A login that nobody gets; undefined where every one is given to somebody. */
function stranger(users: readonly string[]): string | undefined {
  if (!users.includes("root")) return "root";
  return users.some((user) => user === "autogroup:nonroot" || user.startsWith("localpart:")) ? undefined : "nobody";
}
