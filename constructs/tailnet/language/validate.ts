import type { Problem } from "../../core/problems";
import { checkDefinitions, checkDevices } from "./check-definitions";
import { checkKeys } from "./check-keys";
import { checkPostures, checkRules } from "./check-rules";
import { checkSsh } from "./check-ssh";
import { checkTests } from "./check-tests";
import { type Context, type PolicyOptions, problem } from "./context";
import type { PolicyFile } from "./policy-file";
import { shaped } from "./shape";

/**
 * Everything wrong with a policy file, all at once: names that nothing defines, ports and ranges that are none, what the
 * control server of the dialect refuses, and tests that the rules contradict.
 *
 * A path is that of the policy with dots: `grants.3.ip.0`, `tests.0.deny.1`.
 */
export function validatePolicy(file: PolicyFile, options: PolicyOptions): Problem[] {
  const { policy, problems } = shaped(file);
  const context: Context = { ...options, policy, isHeadscale: options.dialect === "headscale" };
  return [
    ...problems,
    ...checkKeys(context),
    ...checkDefinitions(context),
    ...checkRules(context),
    ...checkSsh(context),
    ...checkDevices(context),
    ...checkPostures(policy.defaultSrcPosture, "defaultSrcPosture", context),
    ...checkOptions(policy),
    ...checkTests(context),
  ];
}

function checkOptions(policy: PolicyFile): Problem[] {
  const flags = (["disableIPv4", "randomizeClientPort"] as const).flatMap((key) =>
    policy[key] === undefined || typeof (policy[key] as unknown) === "boolean"
      ? []
      : [problem(key, "must be true or false", policy[key], "write true or false")],
  );
  const route = policy.OneCGNATRoute;
  return route === undefined || ["", "mac-always", "mac-never"].includes(route)
    ? flags
    : [
        ...flags,
        problem("OneCGNATRoute", "must be mac-always, mac-never or empty", route, "write mac-always or mac-never"),
      ];
}
