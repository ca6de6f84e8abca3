import type { Problem } from "../constructs/core/problems";
import type { Fleet } from "./types";

const HOUR = 3600;
/** Longest time between two checks, seconds. @see https://tailscale.com/kb/1193/tailscale-ssh#checkperiod */
const LONGEST = 168 * HOUR;

/** Problems with Tailscale SSH: logins, and the time until people are asked again. */
export function tailscaleSshProblems({ tailnet: { ssh } }: Fleet): Problem[] {
  if (ssh === undefined) return [];
  const problems: Problem[] = [];
  if (ssh.users.length === 0)
    problems.push({ path: "tailnet.ssh.users", rule: "must name a login", got: [], fix: 'write ["root"]' });
  ssh.users.forEach((user, index) => {
    if (/^([a-z_][a-z0-9_.-]*|autogroup:nonroot|localpart:\*@[a-z0-9.-]+)$/i.test(user)) return;
    problems.push({
      path: `tailnet.ssh.users[${index}]`,
      rule: "must be a login, autogroup:nonroot or localpart:*@<domain>",
      got: user,
      fix: "name the logins one by one",
    });
  });
  const { action = "check", checkPeriod } = ssh;
  if (checkPeriod === undefined) return problems;
  if (action === "accept")
    problems.push({
      path: "tailnet.ssh.checkPeriod",
      rule: "goes with action check: accept asks nobody again",
      got: checkPeriod,
      fix: "remove it, or write action: check",
    });
  else if (checkPeriod !== "always" && !isDuration(checkPeriod))
    problems.push({
      path: "tailnet.ssh.checkPeriod",
      rule: "must be a duration from 1m to 168h, or always",
      got: checkPeriod,
      fix: 'write it like "12h" or "1h30m"',
    });
  return problems;
}

function isDuration(text: string): boolean {
  const [match, hours, minutes] = /^(?:(\d+)h)?(?:(\d+)m)?$/.exec(text) ?? [];
  const seconds = Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * 60;
  return match !== undefined && seconds > 0 && seconds <= LONGEST;
}
