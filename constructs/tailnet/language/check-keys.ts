import type { Problem } from "../../core/problems";
import { type Context, each, problem } from "./context";

interface Keys {
  readonly both: readonly string[];
  /** What only Tailscale reads; headscale refuses a property that it does not know. */
  readonly tailscale: readonly string[];
}

const keys = {
  policy: {
    both: [
      "groups",
      "hosts",
      "tagOwners",
      "acls",
      "grants",
      "ssh",
      "autoApprovers",
      "nodeAttrs",
      "tests",
      "sshTests",
      "randomizeClientPort",
    ],
    tailscale: ["ipsets", "postures", "defaultSrcPosture", "disableIPv4", "OneCGNATRoute", "derpMap"],
  },
  acls: { both: ["action", "proto", "src", "dst"], tailscale: ["srcPosture"] },
  grants: { both: ["src", "dst", "ip", "app", "via"], tailscale: ["srcPosture"] },
  ssh: {
    both: ["action", "src", "dst", "users", "checkPeriod", "acceptEnv"],
    tailscale: ["srcPosture", "recorder", "enforceRecorder"],
  },
  autoApprovers: { both: ["routes", "exitNode"], tailscale: ["services"] },
  nodeAttrs: { both: ["target", "attr"], tailscale: ["app", "ipPool"] },
  tests: { both: ["src", "proto", "accept", "deny"], tailscale: ["srcPostureAttrs"] },
  sshTests: { both: ["src", "dst", "accept", "check", "deny"], tailscale: ["srcPostureAttrs"] },
} as const satisfies Record<string, Keys>;

/** Names of all sections of a policy file. */
export const POLICY_SECTIONS: readonly string[] = [...keys.policy.both, ...keys.policy.tailscale];

/** Properties that a policy of this dialect does not have. */
export function checkKeys({ policy, isHeadscale }: Context): Problem[] {
  const check = (value: object, path: string, { both, tailscale }: Keys): Problem[] =>
    Object.keys(value).flatMap((key) => {
      const at = path === "" ? key : `${path}.${key}`;
      if (both.includes(key) || (!isHeadscale && tailscale.includes(key))) return [];
      return tailscale.includes(key)
        ? [problem(at, "must not be there: headscale refuses it", undefined, "leave it out for headscale")]
        : [problem(at, "must be a property of a policy", key, `use one of: ${both.join(", ")}`)];
    });
  const lists = (["acls", "grants", "ssh", "nodeAttrs", "tests", "sshTests"] as const).flatMap((section) =>
    each<object>(policy[section], section, (rule, path) => check(rule, path, keys[section])),
  );
  return [
    ...check(policy, "", keys.policy),
    ...check(policy.autoApprovers ?? {}, "autoApprovers", keys.autoApprovers),
    ...lists,
  ];
}
