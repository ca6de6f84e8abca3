import type { Problem } from "../constructs/core/problems";
import { tailnetDialect } from "./names";
import type { Fleet } from "./types";

/** Longest time until people's devices must log in again. @see https://tailscale.com/kb/1028/key-expiry */
const MAX_KEY_DURATION_DAYS = 180;

/** What is wrong with the settings of a fleet's tailnet. */
export function settingsProblems(fleet: Fleet): Problem[] {
  const { settings } = fleet.tailnet;
  if (settings === undefined) return [];
  if (tailnetDialect(fleet) === "headscale")
    return [
      {
        path: "tailnet.settings",
        rule: "headscale has no settings that can be changed from outside",
        fix: "leave it out, and set what there is in headscale's config.yaml",
      },
    ];
  const { aclsExternalLink, devicesKeyDurationDays: days } = settings;
  const problems: Problem[] = [];
  if (aclsExternalLink !== undefined && !/^https?:\/\/\S+$/.test(aclsExternalLink))
    problems.push({
      path: "tailnet.settings.aclsExternalLink",
      rule: "must be a URL",
      got: aclsExternalLink,
      fix: "write it like https://git.example.com/fleet",
    });
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= MAX_KEY_DURATION_DAYS))
    problems.push({
      path: "tailnet.settings.devicesKeyDurationDays",
      rule: `must be a whole number from 1 to ${MAX_KEY_DURATION_DAYS}`,
      got: days,
      fix: "leave it out to keep what there is",
    });
  return problems;
}
