import type { Problem } from "../constructs/core/problems";
import { dnsProblems } from "./dns-rules";
import { tailnetDialect } from "./names";
import { settingsProblems } from "./settings-rules";
import type { Fleet } from "./types";

/** What is wrong with how a fleet names its tailnet: coordination server, groups, owners and operators. */
export function tailnetProblems(fleet: Fleet): Problem[] {
  const { controlServer, tagOwners, operators } = fleet.tailnet;
  const problems: Problem[] = [];
  if (controlServer !== undefined && !/^https?:\/\/[^/\s]+$/.test(controlServer))
    problems.push({
      path: "tailnet.controlServer",
      rule: "must be a URL without a path",
      got: controlServer,
      fix: "write it like https://headscale.example.com",
    });
  problems.push(...groupProblems(fleet), ...dnsProblems(fleet), ...settingsProblems(fleet));
  if (tailnetDialect(fleet) !== "headscale") return problems;
  for (const [name, subjects] of Object.entries({
    tagOwners: tagOwners ?? ["autogroup:admin"],
    operators: operators ?? [],
  }))
    for (const subject of subjects)
      if (/^autogroup:(admin|owner)$/.test(subject))
        problems.push({
          path: `tailnet.${name}`,
          rule: "headscale does not know this group",
          got: subject,
          fix: 'name a user, like "ops@"',
        });
  return problems;
}

/** Groups that somebody is named by must be defined; those of an identity provider carry its domain. */
function groupProblems({ tailnet }: Fleet): Problem[] {
  const groups: readonly string[] = Object.keys(tailnet.groups ?? {});
  return (["tagOwners", "operators"] as const).flatMap((name) =>
    (tailnet[name] ?? [])
      .filter((subject) => /^group:[^@]*$/.test(subject) && !groups.includes(subject))
      .map((subject) => ({
        path: `tailnet.${name}`,
        rule: "must name a group that tailnet.groups defines, or one of the identity provider with its domain",
        got: subject,
        fix: `add groups: { "${subject}": ["ada@example.com"] }`,
      })),
  );
}
